using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Holdfast.Engine;

/// <summary>A state that is read before its grain is activated.</summary>
internal interface IStateFacet
{
    Task ReadStateAsync();
}

/// <summary>A grain's state and the store that it comes from.</summary>
internal sealed class StateFacet<T>(Activation activation, string name, IGrainStorage storage) : IPersistentState<T>, IStateFacet
{
    private readonly GrainState<T> _state = new(Fresh());

    public T State
    {
        get => _state.State!;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public Task ReadStateAsync() => Guarded("read", static (store, name, id, state) => store.ReadStateAsync(name, id, state), static state => state.State ??= Fresh());

    public Task WriteStateAsync() => Guarded("write", static (store, name, id, state) => store.WriteStateAsync(name, id, state), static _ => { });

    public Task ClearStateAsync() => Guarded("clear", static (store, name, id, state) => store.ClearStateAsync(name, id, state), static state =>
    {
        state.State = Fresh();
        state.RecordExists = false;
        state.ETag = null;
    });

    private static T Fresh() => typeof(T).IsValueType ? default!
        : typeof(T).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is not null
            ? (T)Activator.CreateInstance(typeof(T), nonPublic: true)!
            : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));

    private async Task Guarded(string verb, Func<IGrainStorage, string, GrainId, IGrainState<T>, Task> access, Action<GrainState<T>> then)
    {
        try
        {
            await access(storage, name, activation.GrainId, _state);
            then(_state);
        }
        catch (Exception e) when (e is not OrleansException)
        {
            throw new OrleansException($"The store could not {verb} the state '{name}' of {activation.GrainId}: {e.Message}", e);
        }
    }
}

internal static class StateFacets
{
    /// <summary>What makes the argument for a parameter with <see cref="PersistentStateAttribute"/>.</summary>
    public static Func<Activation, object> MakerFor(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException($"{parameter.Member.DeclaringType}: the parameter '{parameter.Name}' has [PersistentState], so it must be an IPersistentState<T>.");
        }

        var facet = typeof(StateFacet<>).MakeGenericType(type.GetGenericArguments());
        return activation =>
        {
            var made = Activator.CreateInstance(facet, activation, attribute.StateName, StorageFor(activation.Silo.Services, attribute.StorageName))!;
            activation.Add((IStateFacet)made);
            return made;
        };
    }

    private static IGrainStorage StorageFor(IServiceProvider services, string? name) =>
        (name is null ? services.GetService<IGrainStorage>() : null)
        ?? services.GetKeyedService<IGrainStorage>(name ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
        ?? throw new OrleansConfigurationException($"There is no grain storage named '{name ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME}': register an IGrainStorage as a keyed service under that name.");
}
