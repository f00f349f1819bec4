using Orleans;
using Orleans.Runtime;
using Orleans.Streams;

namespace Holdfast.Engine;

/// <summary>Streams for a client, or for one activation.</summary>
internal sealed class StreamProvider(StreamHub hub, string name, Activation? activation) : IStreamProvider
{
    public string Name => name;

    public bool IsRewindable => false;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new MemoryStream<T>(hub, name, streamId, activation);
}

/// <summary>A stream of items of one type.</summary>
internal sealed class MemoryStream<T>(StreamHub streams, string provider, StreamId id, Activation? activation) : IAsyncStream<T>
{
    private readonly IStreamHubGrain _hub = streams.HubOf(provider, id);

    public bool IsRewindable => false;

    public string ProviderName => provider;

    public StreamId StreamId => id;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => _hub.PublishAsync(new StreamBatch([Encode(item)], 0, StreamEnd.No, null));

    public Task OnCompletedAsync() => _hub.PublishAsync(new StreamBatch([], 0, StreamEnd.Completed, null));

    public Task OnErrorAsync(Exception ex) => _hub.PublishAsync(new StreamBatch([], 0, StreamEnd.Failed, ex.Message));

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => ConsumeAsync(Guid.NewGuid(), new StreamSink<T>(streams.Node, observer));

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null)
    {
        Refuse(token);
        return SubscribeAsync(observer);
    }

    public async Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles()
    {
        var ids = activation is null ? streams.SubscriptionsTo(_hub) : await _hub.SubscriptionsOfAsync(Self());
        return [.. ids.Select(subscription => new SubscriptionHandle<T>(this, subscription))];
    }

    public async Task<StreamSubscriptionHandle<T>> ConsumeAsync(Guid subscription, StreamSink<T> sink)
    {
        if (activation is null)
        {
            await streams.SubscribeAsync(provider, id, subscription, sink);
        }
        else
        {
            activation.Consume(subscription, sink);
            await _hub.SubscribeAsync(subscription, Self(), expires: false);
        }

        return new SubscriptionHandle<T>(this, subscription);
    }

    public async Task LeaveAsync(Guid subscription)
    {
        activation?.Consume(subscription, null);
        await streams.UnsubscribeAsync(provider, id, subscription);
    }

    public StreamSink<T> SinkFor(IAsyncObserver<T> observer) => new(streams.Node, observer);

    public bool Equals(IAsyncStream<T>? other) => other is not null && provider == other.ProviderName && id == other.StreamId;

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);

    public override int GetHashCode() => HashCode.Combine(provider, id);

    public int CompareTo(IAsyncStream<T>? other) => other is null ? 1 : id.CompareTo(other.StreamId);

    private static void Refuse(StreamSequenceToken? token)
    {
        if (token is not null)
        {
            throw new ArgumentException("Memory streams here keep nothing to go back to.", nameof(token));
        }
    }

    private static byte[] Encode(T item)
    {
        using var writer = Writer.Rent();
        CodecOf<T>.Instance.Write(writer, 0, item);
        return writer.Span.ToArray();
    }

    // The grain itself is where the hub delivers to.
    private IStreamSink Self() => (IStreamSink)streams.Node.Refer(typeof(IStreamSink), activation!.GrainId);
}

/// <summary>Decodes what a hub delivers and hands it to the user's observer.</summary>
internal sealed class StreamSink<T>(Node node, IAsyncObserver<T> observer) : IStreamSink
{
    public async Task DeliverAsync(Guid subscription, StreamBatch batch)
    {
        var place = batch.First;
        foreach (var item in batch.Items)
        {
            await observer.OnNextAsync(Decode(item), new StreamPlace(place++));
        }

        await (batch.End switch
        {
            StreamEnd.Completed => observer.OnCompletedAsync(),
            StreamEnd.Failed => observer.OnErrorAsync(new OrleansException(batch.Error ?? "")),
            _ => Task.CompletedTask,
        });
    }

    private T Decode(byte[] bytes)
    {
        var reader = new Reader(bytes, node);
        return (T)CodecOf<T>.Instance.ReadObject(ref reader)!;
    }
}

/// <summary>The place of an item in its stream.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.StreamPlace")]
internal sealed class StreamPlace(long number) : StreamSequenceToken
{
    [Id(0)]
    private readonly long _number = number;

    public override long SequenceNumber
    {
        get => _number;
        protected set => throw new NotSupportedException("A place in a stream does not move.");
    }

    public override int EventIndex
    {
        get => 0;
        protected set => throw new NotSupportedException("A place in a stream does not move.");
    }

    public override bool Equals(StreamSequenceToken? other) => other is not null && SequenceNumber == other.SequenceNumber;

    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    public override int GetHashCode() => _number.GetHashCode();

    public override int CompareTo(StreamSequenceToken? other) => other is null ? 1 : SequenceNumber.CompareTo(other.SequenceNumber);

    public override string ToString() => _number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

internal sealed class SubscriptionHandle<T>(MemoryStream<T> stream, Guid id) : StreamSubscriptionHandle<T>
{
    public override StreamId StreamId => stream.StreamId;

    public override string ProviderName => stream.ProviderName;

    public override Guid HandleId => id;

    public override Task UnsubscribeAsync() => stream.LeaveAsync(id);

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null) => stream.ConsumeAsync(id, stream.SinkFor(observer));

    public override bool Equals(StreamSubscriptionHandle<T>? other) => other?.HandleId == id;

    public override bool Equals(object? obj) => Equals(obj as StreamSubscriptionHandle<T>);

    public override int GetHashCode() => id.GetHashCode();
}

/// <summary>Delegates as an observer.</summary>
internal sealed class DelegateObserver<T>(Func<T, StreamSequenceToken?, Task> next, Func<Exception, Task>? error, Func<Task>? completed) : IAsyncObserver<T>
{
    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => next(item, token);

    public Task OnCompletedAsync() => completed?.Invoke() ?? Task.CompletedTask;

    public Task OnErrorAsync(Exception ex) => error?.Invoke(ex) ?? Task.CompletedTask;
}
