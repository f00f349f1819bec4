using Microsoft.Extensions.Hosting;

namespace Holdfast.Engine;

/// <summary>Ends the process of a silo that was declared dead. Tests put something else in its place.</summary>
internal class LastWords(IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>The exit code of such a process (EX_UNAVAILABLE in sysexits.h).</summary>
    public const int ExitCode = 69;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public virtual void Say(string reason)
    {
        Environment.ExitCode = ExitCode;
        lifetime.StopApplication();
        _ = InsistAsync();
    }

    // A host that cannot stop must not go on as if nothing had happened.
    private async Task InsistAsync()
    {
        await Task.Delay(s_patience, time);
        Environment.Exit(ExitCode);
    }
}
