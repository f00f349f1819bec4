using System.Runtime.InteropServices;

using Holdfast.TestSupport;

namespace Holdfast.Chaos.Cluster;

/// <summary>What a process of the cluster does.</summary>
internal enum ProcessRole
{
    /// <summary>Keeps the logs and the membership.</summary>
    Redis,

    /// <summary>Runs grains.</summary>
    Silo,

    /// <summary>Serves viewers.</summary>
    Front,

    /// <summary>Stands before the fronts.</summary>
    Proxy,
}

/// <summary>What is known of a process.</summary>
internal enum ProcessState
{
    /// <summary>Not started, or ended as it was told to.</summary>
    Stopped,

    /// <summary>Runs, and does not answer yet, or no more.</summary>
    NotReady,

    /// <summary>Runs and says that it is ready.</summary>
    Ready,

    /// <summary>Stopped by a signal, not ended.</summary>
    Paused,

    /// <summary>Ended by itself, or by a kill.</summary>
    Dead,
}

/// <summary>One process of the cluster: in a process group of its own, so that a Ctrl-C in the terminal is heard by the runner alone.</summary>
/// <param name="name">Its name, for people.</param>
/// <param name="role">What it does.</param>
/// <param name="address">Where it answers.</param>
/// <param name="log">The file that gets what it writes.</param>
/// <param name="command">Program and arguments.</param>
/// <param name="ready">Whether it answers and is ready; may throw when it does not.</param>
internal sealed class ManagedProcess(string name, ProcessRole role, Uri address, string log, IReadOnlyList<string> command, Func<CancellationToken, Task<bool>> ready)
    : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    /// <summary>The exit code of a silo that finds itself declared dead (docs/operations.md).</summary>
    private const int StepDownCode = 69;

    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);
    private ChildProcess? _process;
    private bool _paused;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What it does.</summary>
    public ProcessRole Role => role;

    /// <summary>Where it answers.</summary>
    public Uri Address => address;

    /// <summary>The file with what it writes.</summary>
    public string Log => log;

    /// <summary>Ports at which other processes of the cluster reach it, beside its address.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>The number of the process; null when none runs.</summary>
    public int? Id => _process is { HasExited: false } process ? process.Id : null;

    /// <summary>Whether it runs, paused or not.</summary>
    public bool Runs => Id is not null;

    /// <summary>A silo that the others had declared dead, and that has ended as it should.</summary>
    public bool SteppedDown => Role == ProcessRole.Silo && ExitCode == StepDownCode;

    /// <summary>How it ended by itself; null while it runs, and when it never did.</summary>
    public int? ExitCode => _process is { HasExited: true } process ? process.ExitCode : null;

    /// <summary>Starts it. Does nothing while it runs.</summary>
    public async Task StartAsync()
    {
        if (Runs)
        {
            return;
        }

        if (_process is { } before)
        {
            await before.DisposeAsync();
        }

        _paused = false;
        // The shell appends to the log and becomes the program: the number of the process stays.
        _process = ChildProcess.Start("/usr/bin/setsid", ["sh", "-c", "exec \"$@\" >>\"$0\" 2>&1", log, .. command]);
    }

    /// <summary>Ends it at once: SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Asks it to end and waits; a process that does not is killed after a time.</summary>
    /// <returns>Its exit code; null when it had to be killed or did not run.</returns>
    public async Task<int?> StopAsync()
    {
        if (_process is not { HasExited: false } process)
        {
            await ForgetAsync();
            return null;
        }

        Resume();
        process.Signal(PosixSignal.SIGTERM);
        int? code = null;
        try
        {
            code = await process.WaitForExitAsync().WaitAsync(StopLimit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }

        await ForgetAsync();
        return code;
    }

    /// <summary>Stops it from doing anything, without ending it.</summary>
    public void Pause()
    {
        if (_process is { HasExited: false } process)
        {
            process.Pause();
            _paused = true;
        }
    }

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        if (_paused && _process is { HasExited: false } process)
        {
            process.Resume();
        }

        _paused = false;
    }

    /// <summary>How it is.</summary>
    public async Task<ProcessState> LookAsync(CancellationToken cancellationToken = default)
    {
        if (!Runs)
        {
            return _process is null ? ProcessState.Stopped : ProcessState.Dead;
        }

        if (_paused)
        {
            return ProcessState.Paused;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeLimit);
        try
        {
            return await ready(limit.Token) ? ProcessState.Ready : ProcessState.NotReady;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ProcessState.NotReady;
        }
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Tail(int lines = 15) => File.Exists(log) ? string.Join(Environment.NewLine, File.ReadLines(log).TakeLast(lines)) : "";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await ForgetAsync();
    }

    private async Task ForgetAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }
}
