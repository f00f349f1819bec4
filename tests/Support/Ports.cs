using System.Net;
using System.Net.Sockets;

namespace Holdfast.TestSupport;

/// <summary>
/// Ports to listen on, below those that the system gives to outgoing connections: one of these could take a port between the question and the
/// listening. A process gets each only once.
/// </summary>
public static class Ports
{
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int s_next = Random.Shared.Next(Count);

    /// <summary>A port of loopback on which nobody listens.</summary>
    public static int Free()
    {
        for (var tries = 0; ; tries++)
        {
            var port = First + ((Interlocked.Increment(ref s_next) & int.MaxValue) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException) when (tries < Count)
            {
                // Somebody has it.
            }
        }
    }
}
