using System.Collections.Concurrent;
using Orleans.Concurrency;

namespace Holdfast.Engine.Tests.Semantics;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<Guid> ActivationAsync();

    Task EndAsync();

    /// <summary>Asks for its end, then waits at a gate.</summary>
    Task<Guid> EndAndHoldAsync(string reached, string release);

    /// <summary>Starts a loop that no call awaits, then asks for its end.</summary>
    Task StartLoopAndEndAsync(string release, string done);

    Task DelayAsync(TimeSpan time);

    Task StartTimerAsync(string ticked, bool keepAlive);
}

/// <summary>Collected after two idle seconds in test clusters.</summary>
[GrainType("test.life")]
public sealed class LifeGrain : Grain, ILifeGrain
{
    /// <summary>How often each grain was deactivated.</summary>
    public static readonly ConcurrentDictionary<string, int> Ended = new();

    private readonly Guid _activation = Guid.NewGuid();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Ended.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, n) => n + 1);
        Gate.Open("ended " + this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<Guid> ActivationAsync() => Task.FromResult(_activation);

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<Guid> EndAndHoldAsync(string reached, string release)
    {
        DeactivateOnIdle();
        Gate.Open(reached);
        await Gate.Passed(release);
        return _activation;
    }

    public Task StartLoopAndEndAsync(string release, string done)
    {
        _ = LoopAsync();
        DeactivateOnIdle();
        return Task.CompletedTask;

        async Task LoopAsync()
        {
            await Gate.Passed(release);
            Gate.Open(done);
        }
    }

    public Task DelayAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task StartTimerAsync(string ticked, bool keepAlive)
    {
        this.RegisterGrainTimer(
            () =>
            {
                Gate.Open(ticked);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200)) { KeepAlive = keepAlive });
        return Task.CompletedTask;
    }
}

public interface IFragileGrain : IGrainWithStringKey
{
    Task<int> AttemptsAsync();
}

/// <summary>Fails to become active as often as it is told.</summary>
[GrainType("test.fragile")]
public sealed class FragileGrain : Grain, IFragileGrain
{
    public static readonly ConcurrentDictionary<string, int> Failures = new();
    private static readonly ConcurrentDictionary<string, int> s_attempts = new();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        s_attempts.AddOrUpdate(key, 1, (_, n) => n + 1);
        return Failures.AddOrUpdate(key, -1, (_, n) => n - 1) >= 0 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
    }

    public Task<int> AttemptsAsync() => Task.FromResult(s_attempts[this.GetPrimaryKeyString()]);
}

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>A timer that opens <c>key tick n</c> at its n-th tick, failing at those below <paramref name="failures"/>.</summary>
    Task StartAsync(bool interleave, int failures);

    Task<int> HoldAsync(string reached, string release);

    /// <summary>A timer whose first tick waits at a gate.</summary>
    Task StartSlowAsync(string reached, string release);

    [AlwaysInterleave]
    Task<int> TicksAsync();

    Task<int> TicksInTurnAsync();

    /// <summary>Has the timer tick once more, and says how often it ticked until now.</summary>
    Task<int> ChangeAsync();

    Task StopAsync();
}

[GrainType("test.timer")]
public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticks;
    private int _inside;
    private bool _overlapped;

    public Task StartAsync(bool interleave, int failures)
    {
        _timer = this.RegisterGrainTimer(
            (failures, token) =>
            {
                _ticks++;
                Gate.Open($"{this.GetPrimaryKeyString()} tick {_ticks}");
                return _ticks <= failures ? throw new InvalidOperationException("a bad tick") : Task.CompletedTask;
            },
            failures,
            new GrainTimerCreationOptions { DueTime = TimeSpan.FromMilliseconds(20), Period = TimeSpan.FromMilliseconds(20), Interleave = interleave });
        return Task.CompletedTask;
    }

    public async Task<int> HoldAsync(string reached, string release)
    {
        Gate.Open(reached);
        await Gate.Passed(release);
        return _ticks;
    }

    public Task StartSlowAsync(string reached, string release)
    {
        _timer = this.RegisterGrainTimer(
            async () =>
            {
                _overlapped |= Interlocked.Increment(ref _inside) > 1;
                _ticks++;
                Gate.Open(reached);
                await Gate.Passed(release);
                Interlocked.Decrement(ref _inside);
                Gate.Open($"{this.GetPrimaryKeyString()} tick {_ticks}");
            },
            new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task<int> TicksAsync() => Task.FromResult(_overlapped ? -1 : _ticks);

    public Task<int> TicksInTurnAsync() => TicksAsync();

    public Task<int> ChangeAsync()
    {
        _timer!.Change(TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        return Task.FromResult(_ticks);
    }

    public Task StopAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }
}
