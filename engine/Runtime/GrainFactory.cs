using Orleans;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Makes references, with no I/O.</summary>
internal sealed class GrainFactory(Node node) : IClusterClient
{
    public IServiceProvider ServiceProvider => node.Services;

    public Node Node => node;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)Make(typeof(TGrainInterface), primaryKey, grainClassNamePrefix);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => (IGrain)Make(grainInterfaceType, grainPrimaryKey, null);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)node.Refer(Interface(typeof(TGrainInterface)), grainId);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is GrainProxy)
        {
            throw new ArgumentException("The object is a reference already.", nameof(obj));
        }

        if (obj is Grain)
        {
            throw new ArgumentException("A grain is no observer object: use AsReference.", nameof(obj));
        }

        return obj is TGrainObserverInterface
            ? (TGrainObserverInterface)node.Observers.Add(Interface(typeof(TGrainObserverInterface)), obj)
            : throw new ArgumentException($"{obj.GetType()} does not implement {typeof(TGrainObserverInterface)}.", nameof(obj));
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        var proxy = obj as GrainProxy ?? throw new ArgumentException("Only a reference made by CreateObjectReference can be deleted, not the object itself.", nameof(obj));
        node.Observers.Remove(proxy.Id);
    }

    private static Type Interface(Type type) => type.IsInterface ? type : throw new ArgumentException($"{type} is no interface.", nameof(type));

    private object Make(Type type, string key, string? prefix)
    {
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new ArgumentException("A grain's key must not be blank.", nameof(key));
        }

        if (!Interface(type).IsAssignableTo(typeof(IGrainWithStringKey)))
        {
            throw new ArgumentException($"{type} is no IGrainWithStringKey.", nameof(type));
        }

        return node.Refer(type, GrainId.Create(node.Manifest.GrainTypeOf(type, prefix), key));
    }
}
