using System.Globalization;
using System.Runtime.InteropServices;

using Holdfast.Chaos;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return args switch
    {
        ["cluster", .. var rest] => await ClusterCommand.RunAsync(rest, stop.Token),
        ["chaos", .. var rest] => await ChaosCommand.RunAsync(rest, stop.Token),
        _ => throw new UsageException("Use ./platform cluster or ./platform chaos; see ./platform --help."),
    };
}
catch (Exception e) when (e is UsageException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync("platform: " + e.Message);
    return 2;
}
catch (OperationCanceledException)
{
    return 130;
}
