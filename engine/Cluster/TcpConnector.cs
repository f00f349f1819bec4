using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Opens and accepts connections on Kestrel's socket transport.</summary>
internal sealed partial class TcpConnector(EngineOptions options, ClusterOptions cluster, EndpointOptions endpoint, ILoggerFactory loggers) : IConnector, IAsyncDisposable
{
    private static readonly TimeSpan s_lastWrites = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger<TcpConnector>();
    private readonly SocketConnectionContextFactory _outgoing = new(new SocketConnectionFactoryOptions(), loggers.CreateLogger<SocketConnectionContextFactory>());
    private IConnectionListener? _listener;
    private int _strangers;

    public (TimeSpan First, TimeSpan Longest) Patience => (options.ReconnectDelay, options.MaxReconnectDelay);

    public Link Connect(Node node, SiloAddress silo)
    {
        var link = new TcpLink(node, new Introduction(silo.ToParsableString(), silo));
        _ = ConnectAsync(node, silo, link);
        return link;
    }

    public async Task ListenAsync(Silo silo, CancellationToken cancellationToken)
    {
        var at = endpoint.SiloListeningEndpoint ?? new IPEndPoint(endpoint.AdvertisedIPAddress, endpoint.SiloPort);
        options.Check(at);
        var factory = new SocketTransportFactory(Options.Create(new SocketTransportOptions { NoDelay = true }), loggers);
        _listener = await factory.BindAsync(at, cancellationToken);
        _ = AcceptAllAsync(silo, _listener);
    }

    public async ValueTask DisposeAsync()
    {
        if (_listener is { } listener)
        {
            _listener = null;
            await listener.DisposeAsync();
        }

        _outgoing.Dispose();
    }

    private async Task ConnectAsync(Node node, SiloAddress silo, TcpLink link)
    {
        try
        {
            using var patience = new CancellationTokenSource(options.ConnectTimeout, node.Time);
            var socket = new Socket(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(silo.Endpoint, patience.Token);
            await using var connection = _outgoing.Create(socket);
            await using var secured = await Tls.ConnectAsync(connection.Transport, options.Certificate, patience.Token);
            await new Handshake(node, cluster.ClusterId, options).ConnectAsync(secured.Pipe, silo, patience.Token);
            await ServeAsync(link, secured.Pipe, connection, node.Time);
        }
        catch (Exception e)
        {
            link.Close("it could not be connected: " + e.Message, e);
        }
    }

    private async Task AcceptAllAsync(Silo silo, IConnectionListener listener)
    {
        while (true)
        {
            try
            {
                var connection = await listener.AcceptAsync();
                if (connection is null)
                {
                    return;
                }

                _ = AcceptAsync(silo, connection);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                LogNotAccepted(_logger, "somebody", e.Message);
            }
        }
    }

    private async Task AcceptAsync(Silo silo, ConnectionContext connection)
    {
        await using var owned = connection;
        var stranger = true;
        try
        {
            if (Interlocked.Increment(ref _strangers) > options.MaxIntroductions)
            {
                throw new IOException($"{options.MaxIntroductions} connections are being introduced already (Engine:MaxIntroductions).");
            }

            using var patience = new CancellationTokenSource(options.ConnectTimeout, silo.Time);
            await using var secured = await Tls.AcceptAsync(connection.Transport, options.Certificate, patience.Token);
            var who = await new Handshake(silo, cluster.ClusterId, options).AcceptAsync(secured.Pipe, patience.Token);
            Interlocked.Decrement(ref _strangers);
            stranger = false;
            var link = new TcpLink(silo, who);
            silo.Links.Accept(link);
            await ServeAsync(link, secured.Pipe, connection, silo.Time);
        }
        catch (Exception e)
        {
            LogNotAccepted(_logger, connection.RemoteEndPoint?.ToString() ?? "somebody", e.Message);
        }
        finally
        {
            if (stranger)
            {
                Interlocked.Decrement(ref _strangers);
            }
        }
    }

    // Reads until the link is closed, from here or from there; then what it still has to say gets a moment.
    private static async Task ServeAsync(TcpLink link, IDuplexPipe pipe, ConnectionContext connection, TimeProvider time)
    {
        var reading = link.RunAsync(pipe);
        await Task.WhenAny(reading, link.Shutdown);
        if (await Task.WhenAny(link.Shutdown, Task.Delay(s_lastWrites, time)) == link.Shutdown)
        {
            await pipe.Output.CompleteAsync();
        }

        connection.Abort(new ConnectionAbortedException("The link is closed."));
        await reading;
    }
}
