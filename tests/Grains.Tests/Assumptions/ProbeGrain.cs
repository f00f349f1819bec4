using System.Collections.Concurrent;

using Orleans.Concurrency;

namespace Holdfast.Grains.Tests.Assumptions;

/// <summary>A grain that shows how Orleans calls it.</summary>
[Alias("holdfast.tests.IProbeGrain")]
public interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>The silo that it is on.</summary>
    [Alias("where")]
    Task<SiloAddress> WhereAsync();

    /// <summary>Stays inside until <see cref="Probe.Release"/>.</summary>
    [Alias("hold")]
    Task HoldAsync();

    /// <summary>The same, called with little patience.</summary>
    [Alias("holdbriefly"), ResponseTimeout("00:00:01")]
    Task HoldBrieflyAsync();

    /// <summary>How many calls are inside.</summary>
    [Alias("look"), AlwaysInterleave]
    Task<int> LookAsync();

    /// <summary>Does one piece of work in this turn, and one that nobody awaits.</summary>
    [Alias("work")]
    Task WorkAsync();

    /// <summary>Calls an observer with 1, 2, 3 …, one call in flight.</summary>
    [Alias("tell")]
    Task TellAsync(IProbeObserver observer, int count);

    /// <summary>Holds itself in memory.</summary>
    [Alias("keep")]
    Task KeepAliveAsync(TimeSpan period);

    /// <summary>Asks for its end, and stays inside until <see cref="Probe.Release"/>.</summary>
    [Alias("end")]
    Task EndAsync();
}

/// <summary>Is told numbers.</summary>
[Alias("holdfast.tests.IProbeObserver")]
public interface IProbeObserver : IGrainObserver
{
    /// <summary>The next number.</summary>
    [Alias("take"), ResponseTimeout("00:00:01")]
    Task TakeAsync(int number);
}

/// <summary>What a test sees of a grain, and does to it: silos and tests are one process.</summary>
internal sealed class Probe
{
    private static readonly ConcurrentDictionary<string, Probe> s_probes = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;
    private int _overlaps;
    private int _done;
    private int _left;
    private int _activations;
    private int _working;

    /// <summary>The probe of a grain.</summary>
    public static Probe Of(string grain) => s_probes.GetOrAdd(grain, static _ => new Probe());

    /// <summary>The scheduler of the grain's newest activation.</summary>
    public TaskScheduler? Scheduler { get; set; }

    /// <summary>Calls inside.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Pieces of work that began while another one was being done.</summary>
    public int Overlaps => Volatile.Read(ref _overlaps);

    /// <summary>Calls and pieces of work that came to their end.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Activations so far.</summary>
    public int Activations => Volatile.Read(ref _activations);

    /// <summary>Activations whose last method has come to its end.</summary>
    public int Left => Volatile.Read(ref _left);

    /// <summary>Complete when an activation has begun its last method.</summary>
    public Task Leaving => _leaving.Task;

    /// <summary>The last method waits for <see cref="Release"/>.</summary>
    public bool StaysToTheLast { get; set; }

    /// <summary>Lets everything end that waits.</summary>
    public void Release() => _released.SetResult();

    public void Activated() => Interlocked.Increment(ref _activations);

    public async Task HoldAsync()
    {
        Interlocked.Increment(ref _inside);
        await _released.Task;
        Interlocked.Decrement(ref _inside);
        Interlocked.Increment(ref _done);
    }

    public void Work()
    {
        if (Interlocked.Exchange(ref _working, 1) == 1)
        {
            Interlocked.Increment(ref _overlaps);
        }

        Thread.SpinWait(200);
        Volatile.Write(ref _working, 0);
        Interlocked.Increment(ref _done);
    }

    public async Task LeaveAsync()
    {
        _leaving.TrySetResult();
        if (StaysToTheLast)
        {
            await _released.Task;
        }

        Interlocked.Increment(ref _left);
    }
}

/// <inheritdoc cref="IProbeGrain"/>
[GrainType("holdfast.tests.probe")]
internal sealed class ProbeGrain(ILocalSiloDetails silo) : Grain, IProbeGrain
{
    private Probe Probe => Probe.Of(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Probe.Activated();
        Probe.Scheduler = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Probe.LeaveAsync();

    /// <inheritdoc/>
    public Task<SiloAddress> WhereAsync() => Task.FromResult(silo.SiloAddress);

    /// <inheritdoc/>
    public Task HoldAsync() => Probe.HoldAsync();

    /// <inheritdoc/>
    public Task HoldBrieflyAsync() => Probe.HoldAsync();

    /// <inheritdoc/>
    public Task<int> LookAsync() => Task.FromResult(Probe.Inside);

    /// <inheritdoc/>
    public Task WorkAsync()
    {
        _ = LaterAsync();
        Probe.Work();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task TellAsync(IProbeObserver observer, int count)
    {
        for (var n = 1; n <= count; n++)
        {
            await observer.TakeAsync(n);
        }
    }

    /// <inheritdoc/>
    public Task KeepAliveAsync(TimeSpan period)
    {
        this.RegisterGrainTimer(static () => Task.CompletedTask, new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Probe.HoldAsync();
    }

    private async Task LaterAsync()
    {
        await Task.Yield();
        Probe.Work();
    }
}
