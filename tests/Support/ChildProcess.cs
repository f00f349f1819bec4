using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.TestSupport;

/// <summary>A real process that a test starts, listens to and kills. It does not outlive the process that has started it, however that one ends.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it wrote to its error stream; complete when it has ended.</summary>
    public Task<string> Errors => _errors;

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>How it ended; only once it has.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Bytes of memory that it takes now.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a program that lies beside the tests, with these arguments.</summary>
    public static ChildProcess Start(string program, params IEnumerable<string> arguments)
    {
        // The shell's kill -9 of a test run is not seen by its children: the kernel kills them with their parent.
        string[] command = ["--pdeathsig", "KILL", Path.Combine(AppContext.BaseDirectory, program), .. arguments];
        var start = new ProcessStartInfo("/usr/bin/setpriv", command)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        return new ChildProcess(ParentThread.Start(start));
    }

    /// <summary>The next line that it writes; null when there are no more.</summary>
    /// <param name="step">What the test waits for: a time-out says it.</param>
    public async Task<string?> ReadLineAsync(string step)
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            return await _process.StandardOutput.ReadLineAsync(timeout.Token);
        }
        catch (OperationCanceledException exception)
        {
            Kill();
            throw new TimeoutException($"The child process did not get to: {step}. It said: {await _errors}", exception);
        }
    }

    /// <summary>Writes a line to its input.</summary>
    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>The lines that it writes, up to its end.</summary>
    public async Task<IReadOnlyList<string>> ReadToEndAsync(string step)
    {
        var lines = new List<string>();
        while (await ReadLineAsync(step) is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>Ends it at once: it can do nothing about it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to end: SIGTERM, which operators send, or SIGINT, which is Ctrl-C.</summary>
    public void Signal(PosixSignal signal)
    {
        var number = signal switch
        {
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGTERM => 15,
            _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "Only signals that ask a process to end."),
        };
        Send(number);
    }

    /// <summary>Stops it from doing anything, without ending it: SIGSTOP. On a busy machine its threads may take a while to notice: they are waited for.</summary>
    public void Pause()
    {
        Send(19);
        if (!SpinWait.SpinUntil(() => Directory.GetDirectories($"/proc/{_process.Id}/task").All(IsStopped), Patience))
        {
            throw new TimeoutException("The process was told to stop, and goes on.");
        }
    }

    /// <summary>Lets it go on: SIGCONT.</summary>
    public void Resume() => Send(18);

    /// <summary>Lets it write whatever it likes from now on, unheard: a full pipe would hold it up.</summary>
    public void Ignore() => _ = _process.StandardOutput.ReadToEndAsync();

    /// <summary>Waits for its end and gives its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        await WaitForExitAsync();
        _process.Dispose();
    }

    // A thread's state is what follows its name, which is in parentheses.
    private static bool IsStopped(string thread)
    {
        var status = File.ReadAllText(Path.Combine(thread, "stat"));
        return status[status.LastIndexOf(')') + 2] is 'T' or 't';
    }

    private void Send(int signal)
    {
        if (Native.Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"The signal did not reach the process: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    private static class Native
    {
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        public static extern int Kill(int process, int signal);
    }
}
