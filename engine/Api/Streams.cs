using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>The identity of a stream: a namespace and a key.</summary>
    [GenerateSerializer, Immutable]
    public readonly struct StreamId : IEquatable<StreamId>, IComparable<StreamId>
    {
        [Id(0)]
        private readonly string? _namespace;

        [Id(1)]
        private readonly string? _key;

        private StreamId(string? ns, string key)
        {
            _namespace = ns;
            _key = key;
        }

        /// <summary>From its parts.</summary>
        public static StreamId Create(string? ns, string key)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(key);
            return new StreamId(string.IsNullOrWhiteSpace(ns) ? null : ns, key);
        }

        /// <summary>From its parts.</summary>
        public static StreamId Create(string? ns, Guid key) => Create(ns, key.ToString("N"));

        /// <inheritdoc/>
        public bool Equals(StreamId other) => _namespace == other._namespace && _key == other._key;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is StreamId other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(_namespace, _key);

        /// <inheritdoc/>
        public int CompareTo(StreamId other) => string.CompareOrdinal(_namespace, other._namespace) is not 0 and var first ? first : string.CompareOrdinal(_key, other._key);

        /// <summary>Namespace, slash, key.</summary>
        public override string ToString() => $"{_namespace ?? "null"}/{_key}";

        /// <summary>Same stream.</summary>
        public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);

        /// <summary>Another stream.</summary>
        public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);
    }
}

namespace Orleans.Streams
{
    /// <summary>The place of an item in its stream.</summary>
    [GenerateSerializer]
    public abstract class StreamSequenceToken : IEquatable<StreamSequenceToken>, IComparable<StreamSequenceToken>
    {
        /// <summary>The number.</summary>
        public abstract long SequenceNumber { get; protected set; }

        /// <summary>The place within a batch.</summary>
        public abstract int EventIndex { get; protected set; }

        /// <inheritdoc/>
        public abstract bool Equals(StreamSequenceToken? other);

        /// <inheritdoc/>
        public abstract int CompareTo(StreamSequenceToken? other);
    }

    /// <summary>Takes items one by one.</summary>
    public interface IAsyncObserver<in T>
    {
        /// <summary>The next item.</summary>
        Task OnNextAsync(T item, StreamSequenceToken? token = null);

        /// <summary>No more items.</summary>
        Task OnCompletedAsync();

        /// <summary>The producer failed.</summary>
        Task OnErrorAsync(Exception ex);
    }

    /// <summary>Something to subscribe to.</summary>
    public interface IAsyncObservable<T>
    {
        /// <summary>Subscribes; only items published afterwards arrive.</summary>
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer);

        /// <summary>Subscribes from a place on, where the stream can go back.</summary>
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null);
    }

    /// <summary>A stream.</summary>
    public interface IAsyncStream
    {
        /// <summary>Whether it can go back.</summary>
        bool IsRewindable { get; }

        /// <summary>Its provider's name.</summary>
        string ProviderName { get; }

        /// <summary>Its identity.</summary>
        StreamId StreamId { get; }
    }

    /// <summary>A stream of items of one type.</summary>
    public interface IAsyncStream<T> : IAsyncStream, IEquatable<IAsyncStream<T>>, IComparable<IAsyncStream<T>>, IAsyncObservable<T>, IAsyncObserver<T>
    {
        /// <summary>The subscriptions of whoever asks.</summary>
        Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles();
    }

    /// <summary>A subscription.</summary>
    public abstract class StreamSubscriptionHandle<T> : IEquatable<StreamSubscriptionHandle<T>>
    {
        /// <summary>The stream.</summary>
        public abstract StreamId StreamId { get; }

        /// <summary>The stream's provider.</summary>
        public abstract string ProviderName { get; }

        /// <summary>The subscription's own identity.</summary>
        public abstract Guid HandleId { get; }

        /// <summary>Ends the subscription.</summary>
        public abstract Task UnsubscribeAsync();

        /// <summary>Goes on with another observer.</summary>
        public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null);

        /// <inheritdoc/>
        public abstract bool Equals(StreamSubscriptionHandle<T>? other);
    }

    /// <summary>Makes streams.</summary>
    public interface IStreamProvider
    {
        /// <summary>Its name.</summary>
        string Name { get; }

        /// <summary>Whether its streams can go back.</summary>
        bool IsRewindable { get; }

        /// <summary>A stream. Does no I/O.</summary>
        IAsyncStream<T> GetStream<T>(StreamId streamId);
    }
}
