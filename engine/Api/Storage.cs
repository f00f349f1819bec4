using Orleans.Core;
using Orleans.Runtime;

namespace Orleans.Core
{
    /// <summary>A state that a grain can read and write.</summary>
    public interface IStorage
    {
        /// <summary>The store's version mark of what was last read or written; null when there is no record.</summary>
        string? Etag { get; }

        /// <summary>Whether the store has a record.</summary>
        bool RecordExists { get; }

        /// <summary>Deletes the record; the state is fresh afterwards.</summary>
        Task ClearStateAsync();

        /// <summary>Writes the state. A failed write leaves it as it is in memory.</summary>
        Task WriteStateAsync();

        /// <summary>Reads the state again.</summary>
        Task ReadStateAsync();
    }

    /// <summary>A state of a known type.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state; never null.</summary>
        TState State { get; set; }
    }
}

namespace Orleans
{
    /// <summary>Marks attributes that say what a constructor parameter of a grain is filled with.</summary>
    public interface IFacetMetadata;

    /// <summary>A state on its way between a grain and its store.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T? State { get; set; }

        /// <summary>The store's version mark.</summary>
        string? ETag { get; set; }

        /// <summary>Whether the store has a record.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A state on its way between a grain and its store.</summary>
    [GenerateSerializer]
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>An empty one.</summary>
        public GrainState()
        {
        }

        /// <summary>One with a state.</summary>
        public GrainState(T? state)
            : this(state, null)
        {
        }

        /// <summary>One with a state and its version mark.</summary>
        public GrainState(T? state, string? eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc/>
        [Id(0)]
        public T? State { get; set; }

        /// <inheritdoc/>
        [Id(1)]
        public string? ETag { get; set; }

        /// <inheritdoc/>
        [Id(2)]
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A state of a grain that is read before the grain is activated.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Which state, in which store.</summary>
    public interface IPersistentStateConfiguration
    {
        /// <summary>The state's name within the grain.</summary>
        string StateName { get; }

        /// <summary>The store's name; null is the default one.</summary>
        string? StorageName { get; }
    }

    /// <summary>Fills a constructor parameter of type <see cref="IPersistentState{TState}"/>.</summary>
    /// <param name="stateName">The state's name within the grain.</param>
    /// <param name="storageName">The store's name; null is the default one.</param>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute, IFacetMetadata, IPersistentStateConfiguration
    {
        /// <inheritdoc/>
        public string StateName { get; } = stateName;

        /// <inheritdoc/>
        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans.Providers
{
    /// <summary>Names with a meaning.</summary>
    public static class ProviderConstants
    {
        /// <summary>The store that grains get who name none.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";

        /// <summary>The store that streams keep their subscriptions in.</summary>
        public const string DEFAULT_PUBSUB_PROVIDER_NAME = "PubSubStore";
    }
}

namespace Orleans.Storage
{
    /// <summary>Keeps the states of grains. Register an implementation as a keyed service under its name.</summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a state; leaves it fresh, with <see cref="IGrainState{T}.RecordExists"/> false, when there is none.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a state and sets its new version mark.</summary>
        /// <exception cref="InconsistentStateException">The store has another version.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Deletes a state.</summary>
        /// <exception cref="InconsistentStateException">The store has another version.</exception>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }
}
