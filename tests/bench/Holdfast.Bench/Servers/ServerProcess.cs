using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Holdfast.Bench.Servers;

/// <summary>A server as a child process: its address, its processor time and memory as the operating system sees them, and what the bench tells it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private ServerProcess(Process process, ServerKind kind, Uri address)
    {
        (_process, Kind, Address) = (process, kind, address);
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
    }

    /// <summary>Which server it is.</summary>
    public ServerKind Kind { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The same for sockets.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Loopback, Address.Port);

    /// <summary>Processor time spent so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory that is this process's own, in bytes: anonymous pages in RAM.</summary>
    public long ResidentBytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    /// <summary>Starts a server, and waits until it listens.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="data">The folder of its store.</param>
    /// <param name="settings">More of the host's command line.</param>
    public static async Task<ServerProcess> StartAsync(ServerKind kind, string data, IReadOnlyList<string> settings)
    {
        string[] arguments = kind == ServerKind.Baseline ? ["baseline"] : ["holdfast", "--data", data, .. settings];
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        }

        foreach (var argument in (string[])["serve", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(ServerControl.Listening, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServerProcess(process, kind, new Uri(line[ServerControl.Listening.Length..]));
            }

            lines.Add(line);
        }

        throw new InvalidOperationException($"The server {kind} ended before it listened:\n{string.Join('\n', lines)}");
    }

    /// <summary>Makes topics of these names.</summary>
    public Task CreateAsync(IReadOnlyList<string> topics) => Parallel.ForEachAsync(
        topics, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (topic, cancellationToken) =>
        {
            using var response = Kind == ServerKind.Baseline
                ? await _http.PutAsync(new Uri($"/topics/{topic}", UriKind.Relative), null, cancellationToken)
                : await _http.PostAsJsonAsync("/api/v1/tasks", new NewTopic("bench", topic), ControlClientJson.Default.NewTopic, cancellationToken);
            response.EnsureSuccessStatusCode();
        });

    /// <summary>Publishes, and waits until that is done.</summary>
    public async Task<PublishResult> PublishAsync(PublishPlan plan)
    {
        using var response = await _http.PostAsJsonAsync("/bench/publish", plan, ControlJson.Default.PublishPlan);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(ControlJson.Default.PublishResult))!;
    }

    /// <summary>What its runtime has done so far.</summary>
    public async Task<RuntimeResult> RuntimeAsync() => (await _http.GetFromJsonAsync("/bench/runtime", ControlJson.Default.RuntimeResult))!;

    /// <summary>Memory after a full collection.</summary>
    public async Task<MemoryResult> MemoryAsync() => (await _http.GetFromJsonAsync("/bench/memory", ControlJson.Default.MemoryResult))!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>The servers that are measured.</summary>
internal enum ServerKind
{
    /// <summary>The least that could be.</summary>
    Baseline,

    /// <summary>The product.</summary>
    Holdfast,
}

/// <summary>The body that creates a task.</summary>
internal sealed record NewTopic(string Kind, string TaskId);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(NewTopic))]
internal sealed partial class ControlClientJson : System.Text.Json.Serialization.JsonSerializerContext;
