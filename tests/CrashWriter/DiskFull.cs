using System.Runtime.InteropServices;

using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.CrashWriter;

/// <summary>
/// Lets no file of this process grow beyond a limit, which makes writes fail as a full disk does; appends until they fail, lifts the limit,
/// and goes on. Says "failed" and "went on", with the last record each time.
/// </summary>
internal static partial class DiskFull
{
    private const int FileSizeLimit = 1; // RLIMIT_FSIZE
    private const int FileSizeSignal = 25; // SIGXFSZ
    private const nint Ignore = 1;
    private const string Id = "log";

    public static async Task RunAsync(ILogStore store, string folder)
    {
        _ = Signal(FileSizeSignal, Ignore);
        await store.CreateAsync(new NewLog(Id, default, []));
        var opened = (await store.OpenAsync(Id))!;
        var last = 0L;
        for (; last < 10; last++)
        {
            await AppendAsync(store, opened, last);
        }

        var wal = new FileInfo(Path.Combine(folder, "holdfast.db-wal")).Length;
        Limit((ulong)wal + 200_000);
        var failures = 0;
        while (failures < 3)
        {
            try
            {
                last = (await AppendAsync(store, opened, last)).LastSeq;
                failures = failures == 0 ? 0 : throw new InvalidOperationException("An append succeeded on a full disk after one that did not.");
            }
            catch (LogStoreUnavailableException)
            {
                failures++;
            }
        }

        var head = (await store.ReadHeadAsync(Id))!;
        var page = (await store.ReadAsync(Id, 0, new LogLimit(int.MaxValue, int.MaxValue)))!;
        Say.Line($"failed {last} {head.LastSeq} {page.Records.Last}");

        Limit(ulong.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            var result = await AppendAsync(store, opened, last);
            last = result == new AppendResult(AppendOutcome.Ok, last + 1) ? last + 1 : throw new InvalidOperationException($"After the full disk: {result}");
        }

        Say.Line($"went on {last}");
    }

    private static ValueTask<AppendResult> AppendAsync(ILogStore store, OpenedLog opened, long last) => store.AppendAsync(new LogAppend
    {
        Id = Id,
        Fence = opened.Fence,
        ExpectedLastSeq = last,
        Records = Runs.Of(last + 1, [Script.Record(Id, opened.Epoch, last + 1)]),
        Head = System.Text.Encoding.UTF8.GetBytes(Script.Head(last + 1, 0, false)),
    });

    private static void Limit(ulong bytes)
    {
        if (SetLimit(FileSizeLimit, new FileSize(bytes, ulong.MaxValue)) != 0)
        {
            throw new InvalidOperationException($"The limit can't be set: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in FileSize limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Signal(int signal, nint handler);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FileSize(ulong Soft, ulong Hard);
}
