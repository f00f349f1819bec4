using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;

namespace Holdfast.Engine;

/// <summary>The meeting point of one stream.</summary>
[Alias("holdfast.IStreamHubGrain")]
internal interface IStreamHubGrain : IGrainWithStringKey
{
    /// <summary>Adds or renews a subscription.</summary>
    Task SubscribeAsync(Guid id, IStreamSink sink, bool expires);

    Task UnsubscribeAsync(Guid id);

    /// <summary>Accepts items; they are delivered afterwards, in order.</summary>
    Task PublishAsync(StreamBatch batch);

    /// <summary>The subscriptions that one consumer holds.</summary>
    [AlwaysInterleave]
    Task<List<Guid>> SubscriptionsOfAsync(IStreamSink sink);
}

/// <summary>Takes what a stream delivers.</summary>
[Alias("holdfast.IStreamSink")]
internal interface IStreamSink : IGrainObserver
{
    [ResponseTimeout("00:00:10")]
    Task DeliverAsync(Guid subscription, StreamBatch batch);
}

/// <summary>Items of a stream, each encoded, or its end.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.StreamBatch")]
internal sealed record StreamBatch(
    [property: Id(0)] System.Collections.Immutable.ImmutableArray<byte[]> Items,
    [property: Id(1)] long First,
    [property: Id(2)] StreamEnd End,
    [property: Id(3)] string? Error);

/// <summary>Whether a stream goes on.</summary>
[GenerateSerializer]
internal enum StreamEnd
{
    No,
    Completed,
    Failed,
}

/// <inheritdoc cref="IStreamHubGrain"/>
[GrainType("holdfast.stream")]
internal sealed partial class StreamHubGrain(ILogger<StreamHubGrain> logger) : Grain, IStreamHubGrain
{
    /// <summary>How long a subscription that expires lives without being renewed.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Batches that wait for one consumer at most. No option: notices may be lost, and whoever hears them looks by itself every so often.</summary>
    private const int MaxWaiting = 1000;

    private readonly Dictionary<Guid, Subscription> _subscriptions = [];
    private long _next = 1;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        this.RegisterGrainTimer(Expire, Lease / 2, Lease / 2);
        return Task.CompletedTask;
    }

    public Task SubscribeAsync(Guid id, IStreamSink sink, bool expires)
    {
        if (!_subscriptions.TryGetValue(id, out var subscription) || !subscription.Sink.Equals(sink))
        {
            _subscriptions[id] = subscription = new Subscription(id, sink);
        }

        subscription.Expires = expires;
        subscription.Fresh = true;
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task UnsubscribeAsync(Guid id)
    {
        _subscriptions.Remove(id);
        return Task.CompletedTask;
    }

    public Task PublishAsync(StreamBatch batch)
    {
        var numbered = batch with { First = _next };
        _next += Math.Max(1, batch.Items.Length);
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.Waiting.Count >= MaxWaiting)
            {
                subscription.Waiting.Dequeue();
                LogDropped(logger, this.GetPrimaryKeyString(), subscription.Id);
            }

            subscription.Waiting.Enqueue(numbered);
            if (!subscription.Pumping)
            {
                _ = PumpAsync(subscription);
            }
        }

        return Task.CompletedTask;
    }

    public Task<List<Guid>> SubscriptionsOfAsync(IStreamSink sink) =>
        Task.FromResult<List<Guid>>([.. _subscriptions.Values.Where(s => s.Sink.Equals(sink)).Select(s => s.Id)]);

    private Task Expire()
    {
        foreach (var subscription in _subscriptions.Values.Where(s => s.Expires && !s.Fresh).ToList())
        {
            _subscriptions.Remove(subscription.Id);
        }

        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Fresh = false;
        }

        if (_subscriptions.Count == 0)
        {
            DelayDeactivation(TimeSpan.FromTicks(-1));
        }

        return Task.CompletedTask;
    }

    // One delivery at a time, so that a consumer sees the order of the stream; a slow one waits for itself only.
    private async Task PumpAsync(Subscription subscription)
    {
        subscription.Pumping = true;
        while (_subscriptions.ContainsKey(subscription.Id) && subscription.Waiting.TryDequeue(out var batch))
        {
            try
            {
                await subscription.Sink.DeliverAsync(subscription.Id, batch);
            }
            catch (Exception e)
            {
                LogNotDelivered(logger, this.GetPrimaryKeyString(), subscription.Id, e);
            }
        }

        subscription.Pumping = false;
    }

    private sealed class Subscription(Guid id, IStreamSink sink)
    {
        public Guid Id { get; } = id;

        public IStreamSink Sink { get; } = sink;

        public Queue<StreamBatch> Waiting { get; } = new();

        public bool Pumping { get; set; }

        public bool Expires { get; set; }

        public bool Fresh { get; set; }
    }
}
