using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;
using Holdfast.WebFront.Tests.House;
using Holdfast.WebFront.Transports.WebSockets;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Every example on the protocol's page is what the server really reads or says: the same members in the same order.</summary>
public sealed class PageExamplesTests(SharedFront front)
{
    private static readonly string[] Commands = ["heartbeat", "ack", "status", "cancel", "review", "bye"];

    /// <summary>Members that are there only where they help; the page says so beside the example.</summary>
    private static readonly string[] Optional = ["retry_after_ms"];

    [Fact]
    public async Task EveryExample_IsKnown()
    {
        var examples = Examples();
        Assert.True(examples.Count >= 13, $"Only {examples.Count} examples were found.");
        var said = await ServerMessagesAsync();
        foreach (var example in examples)
        {
            var type = example.TryGetProperty("type", out var named) ? named.GetString()! : "snapshot";
            if (Commands.Contains(type))
            {
                var (command, refusal, _) = CommandReader.Read(Encoding.UTF8.GetBytes(example.GetRawText()));
                Assert.True(refusal is null && command is not null, $"{example}: {refusal?.Detail}");
                continue;
            }

            Assert.True(said.TryGetValue(type, out var real), $"The server never said '{type}': {example}");
            Assert.Equal(Shape(example), Shape(real));
        }

        Assert.Equal(Commands.Order(StringComparer.Ordinal), examples.Where(one => one.TryGetProperty("type", out _)).Select(one => one.GetProperty("type").GetString()!).Where(Commands.Contains).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryEventType_IsOnThePage_AndNoOther()
    {
        var page = Repository.Read("webfront/PROTOCOL.md");
        var table = page[page.IndexOf("| type | data | note |", StringComparison.Ordinal)..page.IndexOf("A generator may add types", StringComparison.Ordinal)];
        var types = typeof(EventTypes).GetFields().Where(field => field.IsLiteral && field.FieldType == typeof(string)).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(types.Order(StringComparer.Ordinal), Regex.Matches(table, "(?m)^\\| `(?<type>\\w+)` \\|", RegexOptions.NonBacktracking).Select(match => match.Groups["type"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryCode_IsOnThePage_UnderItsStatus_WithItsVerdict()
    {
        var page = Repository.Read("webfront/PROTOCOL.md");
        var table = page[page.IndexOf("## 10. Codes", StringComparison.Ordinal)..page.IndexOf("## 11.", StringComparison.Ordinal)];
        var told = new Dictionary<string, (string Statuses, bool Stop)>(StringComparer.Ordinal);
        foreach (Match row in Regex.Matches(table, "(?m)^\\| (?<status>[^|]+) \\| (?<codes>.*) \\|$", RegexOptions.NonBacktracking))
        {
            var statuses = row.Groups["status"].Value.Split(" · ");
            var cells = row.Groups["codes"].Value.Split(" · ");
            for (var i = 0; i < cells.Length; i++)
            {
                foreach (var part in cells[i].Split(';'))
                {
                    foreach (Match code in Regex.Matches(part, "`(?<code>[a-z0-9_]+)`", RegexOptions.NonBacktracking))
                    {
                        told.Add(code.Groups["code"].Value, (statuses[i], !part.Contains("*reconnect*", StringComparison.Ordinal)));
                    }
                }
            }
        }

        var codes = new[] { typeof(FrontCodes), typeof(RefusalCodes) }.SelectMany(type => type.GetFields()).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).ToList();
        Assert.Equal(codes.Order(StringComparer.Ordinal), told.Keys.Order(StringComparer.Ordinal));
        foreach (var code in codes)
        {
            var verdict = Verdict.Of(code);
            var (status, stop) = told[code];
            Assert.True(verdict.Stop == stop, $"{code}: the page says stop={stop}.");
            Assert.True(status == "WebSocket only" || status == $"{verdict.Status}", $"{code}: the page says {status}, the server {verdict.Status}.");
        }
    }

    [Fact]
    public async Task EveryExampleOfEchosInput_AndOfAPolicy_IsTaken()
    {
        var page = Repository.Read("webfront/PROTOCOL.md");
        var inputs = Spans(page).Where(one => one.TryGetProperty("interval_ms", out _)).ToList();
        Assert.Single(inputs);
        foreach (var input in inputs)
        {
            var task = (await front.Api.PostAsync("/api/v1/tasks", $$"""{"kind":"echo","input":{{input.GetRawText()}}}""")).Is(HttpStatusCode.Accepted);
            Assert.Equal("completed", (await front.Api.EndOfAsync(task["task_id"].GetString()!)).GetProperty("status").GetString());
        }

        var policies = Spans(page).Where(one => one.TryGetProperty("policy", out _)).ToList();
        Assert.Equal(2, policies.Count);
        foreach (var policy in policies)
        {
            var task = (await front.Api.PostAsync("/api/v1/tasks", $$"""{"kind":"{{HandTask.NewKind()}}","on_disconnect":{{policy.GetRawText()}}}""")).Is(HttpStatusCode.Accepted);
            Assert.Equal(policy.GetRawText(), task["on_disconnect"].GetRawText());
        }
    }

    private static List<JsonElement> Examples() =>
        [.. Regex.Matches(Repository.Read("webfront/PROTOCOL.md"), "(?s)```json\n(?<text>.*?)```", RegexOptions.NonBacktracking).SelectMany(match => Values(match.Groups["text"].Value))];

    /// <summary>Values one after another, each on as many lines as it likes.</summary>
    private static List<JsonElement> Values(string text)
    {
        List<JsonElement> values = [];
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            values.Add(JsonElement.ParseValue(ref reader));
        }

        return values;
    }

    /// <summary>Objects within a line that are whole JSON.</summary>
    private static List<JsonElement> Spans(string page)
    {
        List<JsonElement> values = [];
        foreach (Match match in Regex.Matches(page, "`(?<text>\\{\"[^`\n]*\\})`", RegexOptions.NonBacktracking))
        {
            try
            {
                values.Add(JsonElement.Parse(match.Groups["text"].Value));
            }
            catch (JsonException)
            {
                // A form with names only.
            }
        }

        return values;
    }

    /// <summary>Names in their order, and what sort of value each has; what is null may be anything.</summary>
    private static string Shape(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().Where(one => !Optional.Contains(one.Name)).Select(one => one.Name is "labels" or "input" ? one.Name : one.Name + ":" + Shape(one.Value))) + "}",
        JsonValueKind.True or JsonValueKind.False => "flag",
        JsonValueKind.Null or JsonValueKind.Number or JsonValueKind.String => "value",
        _ => value.ValueKind.ToString(),
    };

    /// <summary>One real message of each type.</summary>
    private async Task<Dictionary<string, JsonElement>> ServerMessagesAsync()
    {
        var task = await HandTask.StartAsync(front.Api);
        await task.AppendAsync(new { type = "progress", data = new { percent = 40, stage = "tokens", current = 40, total = 100 } });
        await using var viewer = await WebSocketViewer.WatchAsync(front.Api, task.Id, "after=another:7");
        await viewer.UntilAsync("caught_up");
        await viewer.AskAsync("""{"type":"no_such_command","id":7}""", 7);
        var snapshot = await front.Api.SnapshotAsync(task.Id);
        await task.CompleteAsync();
        await viewer.ToEndAsync();
        var messages = viewer.Transcript.Messages.DistinctBy(message => message.Type).ToDictionary(message => message.Type, message => message.Json);
        messages["snapshot"] = snapshot;
        return messages;
    }
}
