using Holdfast.Engine;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Marks an interface of grains.</summary>
public interface IGrain : IAddressable;

/// <summary>Marks an interface of grains whose keys are strings.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>Marks an interface of objects that grains call back: see <see cref="IGrainFactory.CreateObjectReference{TGrainObserverInterface}"/>.</summary>
public interface IGrainObserver : IAddressable;

/// <summary>Makes references. No method does any I/O.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to a grain.</summary>
    /// <exception cref="ArgumentException">The key is blank, or nothing implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>Makes an object callable by grains. The engine holds it weakly: keep it rooted.</summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Takes back a reference made by <see cref="CreateObjectReference{TGrainObserverInterface}"/>; later calls to it time out.</summary>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>A reference to a grain whose interface is known at run time only.</summary>
    IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

    /// <summary>A reference to the grain with this identity.</summary>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable;
}

/// <summary>A connection to the cluster.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The services of the host.</summary>
    IServiceProvider ServiceProvider { get; }
}

/// <summary>Asked when a client cannot reach any silo at start.</summary>
public interface IClientConnectionRetryFilter
{
    /// <summary>Whether to try again; waiting before it is the filter's own business.</summary>
    Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken);
}

/// <summary>What can be asked of a grain or a reference to one.</summary>
public static class GrainExtensions
{
    /// <summary>A reference to this grain, to hand to others.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => GrainProxy.ReferenceTo<TGrainInterface>(grain);

    /// <summary>The identity of a grain.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => GrainProxy.IdOf(grain);

    /// <summary>The key of a grain.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => GrainProxy.IdOf(grain).Key.ToString();
}
