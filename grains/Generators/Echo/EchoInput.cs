using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Grains.Generators.Echo;

/// <summary>What an echo is asked for.</summary>
internal sealed record EchoInput(int Count, TimeSpan Interval, int Size, string Channel, int? FailAt, int FailTimes, int? ReviewAt, JsonElement Result)
{
    /// <summary>Reads and checks an input.</summary>
    public static EchoInput Read(JsonElement input)
    {
        var fields = new InputFields(input);
        var count = fields.Whole("count", 0, 1_000_000) ?? 100;
        var read = new EchoInput(
            count,
            TimeSpan.FromMilliseconds(fields.Whole("interval_ms", 0, 60_000) ?? 10),
            fields.Whole("size", 1, 65_536) ?? 100,
            fields.Text("channel", 1, 64) ?? "main",
            fields.Whole("fail_at", 1, 1_000_000),
            fields.Whole("fail_times", 0, 1_000_000) ?? 1,
            fields.Whole("review_at", 1, 1_000_000),
            fields.Any("result"));
        fields.NothingElse();
        return read;
    }
}

internal sealed record EchoResult(int Count, JsonElement? Result);

internal sealed record EchoReview(int Token, int Of);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(EchoResult))]
[JsonSerializable(typeof(EchoReview))]
internal sealed partial class EchoJson : JsonSerializerContext;
