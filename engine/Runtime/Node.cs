using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>What a silo and a client have in common: references, a clock, observers of their own, and a way to route calls.</summary>
internal abstract partial class Node : IReferenceMaker, IDisposable
{
    protected Node(IServiceProvider services, TimeProvider time, ILogger logger, MessagingOptions messaging, Manifest manifest)
    {
        if (messaging.ResponseTimeout <= TimeSpan.Zero)
        {
            throw new OrleansConfigurationException($"{messaging.GetType().Name}.ResponseTimeout is {messaging.ResponseTimeout}; it must be positive.");
        }

        Services = services;
        Time = time;
        Logger = logger;
        ResponseTimeout = messaging.ResponseTimeout;
        Manifest = manifest;
        Clock = new SweepClock(time, logger);
        Factory = new GrainFactory(this);
        Observers = new ObserverHost(this);
        Streams = new StreamHub(this);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public TimeSpan ResponseTimeout { get; }

    public Manifest Manifest { get; }

    public SweepClock Clock { get; }

    public GrainFactory Factory { get; }

    public ObserverHost Observers { get; }

    public StreamHub Streams { get; }

    /// <summary>The name under which others reach this node's observers.</summary>
    public abstract string ClientId { get; }

    /// <summary>Brings a call to where it runs. It is answered in any case, at the latest by its time-out.</summary>
    public abstract void Route(ICall call, GrainProxy? proxy);

    public object Refer(Type interfaceType, GrainId id) => GrainProxy.Create(interfaceType, id, this);

    /// <summary>What the caller of an unanswered call gets.</summary>
    public virtual TimeoutException TimedOut(ICall call) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"No answer from {call.Target} to {call.Method} within {call.Method.Timeout ?? ResponseTimeout}. Whether it was executed is not known."));

    /// <summary>A call that nobody can answer: its time-out tells the caller.</summary>
    public void Lose(ICall call)
    {
        LogLost(Logger, call.Target, call.Method);
        Clock.Watch(new LostCall(call));
    }

    public virtual void Dispose()
    {
        Clock.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class LostCall(ICall call) : ISwept
    {
        public bool Sweep(int now)
        {
            if (call.Deadline > now)
            {
                return !call.IsOver;
            }

            call.TimeOut();
            return false;
        }
    }
}
