using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;

namespace Holdfast.Engine;

/// <summary>A stream provider that was set up under a name.</summary>
internal sealed record StreamProviderName(string Name);

/// <summary>The subscriptions that one node or one activation consumes, and the way to publish.</summary>
/// <remarks>
/// Streams carry notices: every subscription has a bounded queue in the stream's hub grain, delivery is in order, and what
/// is published while the hub's silo dies is lost. Nodes renew their subscriptions, so they outlive a hub; those of grains do not.
/// </remarks>
internal sealed partial class StreamHub(Node node)
{
    private readonly ConcurrentDictionary<Guid, INodeSubscription> _subscriptions = new();

    public Node Node => node;

    public static IStreamProvider ProviderFor(IGrainContext context, string name)
    {
        var activation = context as Activation ?? throw new InvalidOperationException("The grain was not created by a silo, so it has no streams.");
        return new StreamProvider(activation.Silo.Streams, Checked(activation.Silo, name), activation);
    }

    public static IStreamProvider ProviderFor(IClusterClient client, string name)
    {
        var node = client as GrainFactory ?? throw new ArgumentException($"{client?.GetType()} is no client of this engine.", nameof(client));
        return new StreamProvider(node.Node.Streams, Checked(node.Node, name), null);
    }

    public IStreamHubGrain HubOf(string provider, StreamId stream) => node.Factory.GetGrain<IStreamHubGrain>($"{provider}/{stream}");

    /// <summary>Subscribes this node, and keeps the subscription alive until it is taken back.</summary>
    public async Task<Guid> SubscribeAsync<T>(string provider, StreamId stream, Guid id, StreamSink<T> sink)
    {
        var reference = (IStreamSink)node.Observers.Add(typeof(IStreamSink), sink);
        var subscription = new NodeSubscription<T>(this, HubOf(provider, stream), id, reference, sink);
        await subscription.Hub.SubscribeAsync(id, reference, expires: true);
        if (_subscriptions.TryGetValue(id, out var earlier))
        {
            node.Observers.Remove(GrainProxy.IdOf(earlier.Reference));
        }

        _subscriptions[id] = subscription;
        node.Clock.Watch(subscription);
        return id;
    }

    public async Task UnsubscribeAsync(string provider, StreamId stream, Guid id)
    {
        if (_subscriptions.TryRemove(id, out var subscription))
        {
            node.Observers.Remove(GrainProxy.IdOf(subscription.Reference));
        }

        await HubOf(provider, stream).UnsubscribeAsync(id);
    }

    public List<Guid> SubscriptionsTo(IStreamHubGrain hub) => [.. _subscriptions.Where(s => s.Value.Hub.Equals(hub)).Select(s => s.Key)];

    private static string Checked(Node node, string name) => node.Services.GetKeyedService<StreamProviderName>(name)?.Name
        ?? throw new KeyNotFoundException($"There is no stream provider named '{name}': set it up with AddMemoryStreams.");

    private interface INodeSubscription
    {
        IStreamHubGrain Hub { get; }

        IStreamSink Reference { get; }
    }

    private sealed class NodeSubscription<T>(StreamHub owner, IStreamHubGrain hub, Guid id, IStreamSink reference, StreamSink<T> sink) : INodeSubscription, ISwept
    {
        private readonly int _every = (int)(StreamHubGrain.Lease / SweepClock.Period / 3);
        private int _next = owner.Node.Clock.Now + (int)(StreamHubGrain.Lease / SweepClock.Period / 3);

        public IStreamHubGrain Hub => hub;

        public IStreamSink Reference => reference;

        /// <summary>Roots the object that the reference leads to.</summary>
        public StreamSink<T> Sink => sink;

        public bool Sweep(int now)
        {
            if (!owner._subscriptions.TryGetValue(id, out var current) || current != this)
            {
                return false;
            }

            if (now >= _next)
            {
                _next = now + _every;
                _ = RenewAsync();
            }

            return true;
        }

        private async Task RenewAsync()
        {
            try
            {
                await hub.SubscribeAsync(id, reference, expires: true);
            }
            catch (Exception e)
            {
                LogRenewalFailed(owner.Node.Logger, hub, e);
            }
        }
    }
}
