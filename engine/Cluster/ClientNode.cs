using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>A node without grains: it calls those of the silos, and silos call its observers over the links that it opened.</summary>
internal sealed partial class ClientNode : Node
{
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(5);

    private readonly GatewayCountChangedHandler[] _told;
    private readonly TimeSpan _period;
    private readonly CancellationTokenSource _stopped = new();

    public ClientNode(NodeParts parts, ClientMessagingOptions messaging, ClusterMembershipOptions membership)
        : base(parts, messaging)
    {
        ClientId = Guid.NewGuid().ToString("N");
        _period = membership.ProbeTimeout;
        _told = [.. parts.Services.GetServices<GatewayCountChangedHandler>()];
    }

    public override string ClientId { get; }

    public override SiloAddress? Address => null;

    public override void Route(ICall call, GrainProxy? proxy)
    {
        if (call.Target.Type == ObserverHost.Type)
        {
            RouteToObserver(call);
            return;
        }

        do
        {
            var silo = Choose(call.Target, orHere: false);
            if (silo is null)
            {
                call.Fail(new SiloUnavailableException($"This client can reach no silo for {call.Target}.{Remark}"));
                return;
            }

            if (Links.TrySend(silo, call))
            {
                return;
            }
        }
        while (true);
    }

    public override void Accept(ICall call)
    {
        if (call.Target.Type == ObserverHost.Type)
        {
            RouteToObserver(call);
        }
        else
        {
            call.Fail(new OrleansMessageRejectionException($"{call.Target} was looked for on a client."));
        }
    }

    public override void SiloLost()
    {
        var left = Links.ToSilos.Count(link => link.IsReady);
        foreach (var handler in _told)
        {
            handler(this, new GatewayCountChangedEventArgs(left, left + 1));
        }
    }

    /// <summary>Waits until a silo can be reached, as often as the filter wants to try.</summary>
    public async Task StartAsync(IClientConnectionRetryFilter? filter, CancellationToken cancellationToken)
    {
        Table.Watch(Membership.Apply);
        while (true)
        {
            try
            {
                await ReadAsync();
                await AnySiloAsync().WaitAsync(s_attempt, Time, cancellationToken);
                _ = KeepAskingAsync(_period, ReadAsync, _stopped.Token);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var told = e is TimeoutException ? new SiloUnavailableException("No silo can be reached.", e) : e;
                if (filter is null || !await filter.ShouldRetryConnectionAttempt(told, cancellationToken))
                {
                    throw told;
                }

                LogRetry(Logger, told);
            }
        }
    }

    public void Stop()
    {
        Table.Unwatch(Membership.Apply);
        _stopped.Cancel();
        Links.CloseAll("this client stops");
    }

    public override void Dispose()
    {
        Stop();
        base.Dispose();
    }

    private async Task ReadAsync()
    {
        Membership.Take(await Table.ReadAsync(), Clock.Now, SilenceLimit);
    }

    private async Task AnySiloAsync()
    {
        if (Membership.Active.Length == 0)
        {
            throw new SiloUnavailableException("No silo runs in this cluster.");
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), Time);
        while (!Links.ToSilos.Any(l => l.IsReady))
        {
            await timer.WaitForNextTickAsync(_stopped.Token);
        }
    }
}
