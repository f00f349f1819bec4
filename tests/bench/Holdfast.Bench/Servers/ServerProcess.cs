using System.Diagnostics;
using System.Net;

namespace Holdfast.Bench.Servers;

/// <summary>A process of a server: its address, its processor time and memory as the operating system sees them, and what the bench tells it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int Attempts = 20;
    private readonly Process _process;
    private readonly HttpClient _http;

    private ServerProcess(Process process, string role, Uri address)
    {
        (_process, Role, Address) = (process, role, address);
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
    }

    /// <summary>What it is.</summary>
    public string Role { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The same for sockets.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Loopback, Address.Port);

    /// <summary>Processor time spent so far.</summary>
    public TimeSpan Cpu => Procfs.Cpu(_process.Id);

    /// <summary>Memory that is this process's own, in bytes.</summary>
    public long ResidentBytes => Procfs.ResidentBytes(_process.Id);

    /// <summary>Starts a process of the bench's own program, and waits until it listens.</summary>
    /// <param name="role">What it is.</param>
    /// <param name="arguments">What to serve, and the host's command line.</param>
    public static async Task<ServerProcess> StartAsync(string role, params IEnumerable<string> arguments)
    {
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
                return new ServerProcess(process, role, new Uri(line[ServerControl.Listening.Length..]));
            }

            lines.Add(line);
        }

        throw new InvalidOperationException($"The {role} ended before it listened:\n{string.Join('\n', lines)}");
    }

    /// <summary>Makes a topic.</summary>
    public async Task CreateAsync(string topic, string? kind, CancellationToken cancellationToken)
    {
        await CallAsync(() => kind is null
            ? _http.PutAsync(new Uri($"/topics/{topic}", UriKind.Relative), null, cancellationToken)
            : _http.PostAsJsonAsync("/api/v1/tasks", new NewTopic(kind, topic), ControlClientJson.Default.NewTopic, cancellationToken));
    }

    /// <summary>Cancels a task.</summary>
    public async Task CancelAsync(string topic, CancellationToken cancellationToken)
    {
        await CallAsync(() => _http.PostAsync(new Uri($"/api/v1/tasks/{topic}/cancel", UriKind.Relative), null, cancellationToken));
    }

    /// <summary>Whether it serves; a silo: whether it has all silos.</summary>
    public async Task<bool> IsReadyAsync(int silos)
    {
        if (Role == "silo")
        {
            return await _http.GetFromJsonAsync("/bench/silos", ControlJson.Default.Int32) == silos;
        }

        using var answer = await _http.GetAsync(new Uri("/readyz", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    /// <summary>The topics whose generator runs here, and since when.</summary>
    public async Task<IReadOnlyDictionary<string, long>> StartsAsync() => (await _http.GetFromJsonAsync("/bench/starts", ControlJson.Default.DictionaryStringInt64))!;

    /// <summary>When silos of the cluster were found to be dead by this one.</summary>
    public async Task<long[]> DeathsAsync() => (await _http.GetFromJsonAsync("/bench/deaths", ControlJson.Default.Int64Array))!;

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

    /// <summary>Ends it at once. When the call returns, it does nothing any more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Calls; right after a kill, or on a machine that is busy, more than once.</summary>
    private static async Task CallAsync(Func<Task<HttpResponseMessage>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var response = await call();
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Attempts)
            {
                response.EnsureSuccessStatusCode();
                return;
            }

            await Task.Delay(500);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        Kill();
        _process.Dispose();
    }
}

/// <summary>The body that creates a task.</summary>
internal sealed record NewTopic(string Kind, string TaskId);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(NewTopic))]
internal sealed partial class ControlClientJson : System.Text.Json.Serialization.JsonSerializerContext;
