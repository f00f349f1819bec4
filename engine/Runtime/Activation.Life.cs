using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Holdfast.Engine;

// How an activation comes and goes.
internal sealed partial class Activation
{
    [ThreadStatic]
    private static Activation? t_creating;

    private readonly GrainId _id;
    private AsyncServiceScope? _scope;
    private List<IStateFacet>? _facets;
    private List<GrainTimer>? _timers;
    private Dictionary<Guid, IStreamSink>? _sinks;
    private TaskCompletionSource? _deactivated;
    private DeactivationReason _reason;
    private int _keepUntil;

    public Activation(Silo silo, GrainClass grainClass, GrainId id)
    {
        Silo = silo;
        Class = grainClass;
        _id = id;
        _begin = new LifeTurn(static activation => activation.StartAsync());
        LastUsed = silo.Clock.Now;
    }

    /// <summary>The activation whose grain object is being constructed by this thread.</summary>
    public static Activation? Creating => t_creating;

    public Silo Silo { get; }

    public GrainClass Class { get; }

    public GrainId GrainId => _id;

    public object? GrainInstance { get; private set; }

    /// <summary>The tick of the clock when it was last in use.</summary>
    public int LastUsed { get; private set; }

    public IServiceProvider ActivationServices => (_scope ??= Silo.Services.CreateAsyncScope()).ServiceProvider;

    public Task Deactivated
    {
        get
        {
            lock (_tasks)
            {
                return _phase == Phase.Gone ? Task.CompletedTask : (_deactivated ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_tasks)
        {
            if (_ending || _phase is Phase.Stopping or Phase.Gone)
            {
                return;
            }

            _ending = true;
            _reason = deactivationReason;
        }

        WakeUp();
    }

    public void DelayDeactivation(TimeSpan time) =>
        _keepUntil = time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan ? 0 : Silo.Clock.DeadlineIn(time);

    /// <summary>Ends this activation when nobody used it for <paramref name="age"/> ticks.</summary>
    public void CollectIfIdle(int now, int age)
    {
        lock (_tasks)
        {
            if (_phase != Phase.Running || _ending || !IsFree || HasTurns || now - LastUsed < age || now < _keepUntil)
            {
                return;
            }
        }

        Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Nobody called for a while."));
    }

    public void Add(IStateFacet facet) => (_facets ??= []).Add(facet);

    public void Add(GrainTimer timer)
    {
        lock (_tasks)
        {
            if (_phase < Phase.Stopping)
            {
                (_timers ??= []).Add(timer);
                return;
            }
        }

        timer.Dispose();
    }

    public void Remove(GrainTimer timer)
    {
        lock (_tasks)
        {
            _timers?.Remove(timer);
        }
    }

    /// <summary>Sets who takes what arrives for a subscription of this grain.</summary>
    public void Consume(Guid subscription, IStreamSink? sink)
    {
        _sinks ??= [];
        if (sink is null)
        {
            _sinks.Remove(subscription);
        }
        else
        {
            _sinks[subscription] = sink;
        }
    }

    /// <summary>Stops what would go on by itself. On a kill, nothing else happens.</summary>
    public void StopTimers()
    {
        List<GrainTimer>? timers;
        lock (_tasks)
        {
            (timers, _timers) = (_timers, null);
        }

        timers?.ForEach(t => t.Dispose());
    }

    // What nobody in this activation consumes any more is dropped.
    Task IStreamSink.DeliverAsync(Guid subscription, StreamBatch batch) =>
        _sinks is not null && _sinks.TryGetValue(subscription, out var sink) ? sink.DeliverAsync(subscription, batch) : Task.CompletedTask;

    private void Touch(ITurn turn)
    {
        if (turn.KeepsAlive)
        {
            LastUsed = Silo.Clock.Now;
        }
    }

    private async Task StartAsync()
    {
        try
        {
            if (await Silo.ClaimAsync(this) is { } handOn)
            {
                await LeaveAsync(handOn);
                return;
            }

            GrainInstance = CreateInstance();
            foreach (var facet in _facets ?? [])
            {
                await facet.ReadStateAsync();
            }

            using var timeout = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
            await ((IGrainBase)GrainInstance).OnActivateAsync(timeout.Token);
        }
        catch (Exception e)
        {
            LogActivationFailed(Silo.Logger, _id, e);
            StopTimers();
            await LeaveAsync(call => call.Fail(e));
            return;
        }

        lock (_tasks)
        {
            _phase = Phase.Running;
        }
    }

    private object CreateInstance()
    {
        var outer = t_creating;
        t_creating = this;
        try
        {
            return Class.Create(this);
        }
        finally
        {
            t_creating = outer;
        }
    }

    private async Task StopAsync()
    {
        StopTimers();
        try
        {
            using var timeout = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.Time);
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, timeout.Token);
        }
        catch (Exception e)
        {
            LogDeactivationFailed(Silo.Logger, _id, e);
        }

        await LeaveAsync(call => Silo.Route(call, null));
    }

    /// <summary>The very end: frees what it holds, then hands on the calls that still wait.</summary>
    private async Task LeaveAsync(Action<ICall> handOn)
    {
        try
        {
            await DisposeInstanceAsync();
            await Silo.ReleaseAsync(this);
        }
        catch (Exception e)
        {
            LogDeactivationFailed(Silo.Logger, _id, e);
        }

        List<ITurn> left;
        lock (_tasks)
        {
            _phase = Phase.Gone;
            left = [.. _interleaving ?? [], .. _turns ?? []];
            _interleaving = _turns = null;
        }

        foreach (var call in left.OfType<ICall>().Where(c => !c.IsOver))
        {
            handOn(call);
        }

        _deactivated?.TrySetResult();
    }

    private async Task DisposeInstanceAsync()
    {
        if (GrainInstance is IAsyncDisposable asyncDisposable)
        {
            await asyncDisposable.DisposeAsync();
        }
        else if (GrainInstance is IDisposable disposable)
        {
            disposable.Dispose();
        }

        if (_scope is { } scope)
        {
            await scope.DisposeAsync();
        }
    }

    /// <summary>Coming or going, as a turn of its own.</summary>
    private sealed class LifeTurn(Func<Activation, Task> run) : ITurn
    {
        public bool Interleaves => false;

        public bool KeepsAlive => false;

        public bool IsOver => false;

        public void Run(ITurnHost host) => _ = RunAsync((Activation)host);

        private async Task RunAsync(Activation activation)
        {
            await run(activation);
            activation.Ended(this);
        }
    }
}
