using System.Runtime.InteropServices;

namespace Holdfast.Bench.Load;

/// <summary>
/// Linux's <c>epoll</c> and <c>recv</c>, straight: a thousand readers on one thread and one buffer cost little beside the server that is measured.
/// The framework's sockets would take a thread-pool hop and a buffer for each.
/// </summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int MaxEvents = 512;
    private const uint In = 1;
    private const int Add = 1;
    private const int Remove = 2;
    private const int DontWait = 0x40;
    private const int TryAgain = 11;
    private const int Interrupted = 4;

    // The structure is packed on x86-64 only.
    private static readonly int s_stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_data = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly int _epoll = Check(epoll_create1(0));
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(MaxEvents * 16);

    /// <summary>Tells of <paramref name="fd"/> by <paramref name="index"/> from now on.</summary>
    public void Watch(int fd, int index)
    {
        var one = stackalloc byte[16];
        *(uint*)one = In;
        *(int*)(one + s_data) = index;
        Check(epoll_ctl(_epoll, Add, fd, one));
    }

    /// <summary>Tells of <paramref name="fd"/> no more.</summary>
    public void Forget(int fd)
    {
        var one = stackalloc byte[16];
        Check(epoll_ctl(_epoll, Remove, fd, one));
    }

    /// <summary>Waits until there is something to read, and says how many.</summary>
    public int Wait(int milliseconds)
    {
        var ready = epoll_wait(_epoll, _events, MaxEvents, milliseconds);
        return ready >= 0 || Marshal.GetLastPInvokeError() == Interrupted ? Math.Max(0, ready) : Check(ready);
    }

    /// <summary>The index of one of those that are ready.</summary>
    public int Ready(int n) => *(int*)(_events + (n * s_stride) + s_data);

    /// <summary>Reads what is there: 0 at the end, -1 when there is nothing now, -2 when the connection is broken.</summary>
    public static int Receive(int fd, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var read = (int)recv(fd, bytes, buffer.Length, DontWait);
            return read >= 0 ? read : Marshal.GetLastPInvokeError() is TryAgain or Interrupted ? -1 : -2;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_events);
        _ = close(_epoll);
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"epoll failed with error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, byte* change);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_wait(int epoll, byte* events, int maxEvents, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint recv(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int fd);
}
