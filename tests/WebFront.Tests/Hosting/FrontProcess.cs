using System.Runtime.InteropServices;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>The embedded host as a real process, to be killed, or asked to end.</summary>
internal sealed class FrontProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private FrontProcess(ChildProcess process, Uri address)
    {
        (_process, Address) = (process, address);
        Api = new Api(address);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Its REST interface.</summary>
    public Api Api { get; }

    /// <summary>Bytes of memory that it takes now.</summary>
    public long WorkingSet => _process.WorkingSet;

    /// <summary>Starts it over a folder, and waits until it is up.</summary>
    /// <param name="folder">Where its log is.</param>
    /// <param name="options">Options by their configuration names.</param>
    /// <param name="clock">How far its clock is from ours, as libfaketime has it: <c>-10m</c>; null: not at all.</param>
    /// <param name="program">The program; the embedded host by default.</param>
    public static async Task<FrontProcess> StartAsync(string folder, IReadOnlyDictionary<string, string>? options = null, string? clock = null, string program = "holdfast")
    {
        var arguments = EmbeddedFront.Arguments(folder, options);
        var process = clock is null ? ChildProcess.Start(program, arguments)
            : ChildProcess.Start("/usr/bin/env", [.. Clocked(clock), Path.Combine(AppContext.BaseDirectory, program), .. arguments]);
        while (await process.ReadLineAsync("the address of the host") is { } line)
        {
            if (line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["open", var address])
            {
                process.Ignore();
                return new FrontProcess(process, new Uri(address));
            }
        }

        throw new InvalidOperationException($"The host ended before it was up: {await process.Errors}");
    }

    /// <summary>Only what is told to people is another time: how long something takes is measured by a clock that nobody sets.</summary>
    private static string[] Clocked(string clock)
    {
        var library = Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }).First();
        return [$"LD_PRELOAD={library}", $"FAKETIME={clock}", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"];
    }

    /// <summary>Ends it at once: kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end.</summary>
    public void Signal(PosixSignal signal) => _process.Signal(signal);

    /// <summary>Waits for its end and gives its exit code.</summary>
    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
    }
}
