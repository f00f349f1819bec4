using Orleans.Concurrency;

namespace Holdfast.Engine.Tests.Semantics;

public interface ICallGrain : IGrainWithStringKey
{
    Task<int> AppendAsync(int item);

    Task<List<int>> ItemsAsync();

    /// <summary>Opens a gate, waits at another one, then appends.</summary>
    Task<int> HoldAsync(string reached, string release, int item);

    /// <summary>The same, for callers with little patience.</summary>
    [ResponseTimeout("00:00:01")]
    Task<int> HoldBrieflyAsync(string reached, string release, int item);

    [AlwaysInterleave]
    Task<int> CountAsync();

    /// <summary>Starts work that no call awaits: it waits at a gate, notes where it runs, and opens another gate.</summary>
    Task StartWorkAsync(string release, string done);

    Task<string> WorkRanOnAsync();

    /// <summary>Asks another grain to call back.</summary>
    Task<int> RoundTripAsync(string other);

    [ResponseTimeout("00:00:01")]
    Task<int> CallBackAsync(string origin);

    [ResponseTimeout("00:00:01")]
    Task<int> BrieflyAsync();

    Task<int> CallMyselfAsync();

    Task<string> WhereAsync();

    Task<string> SchedulersAsync();
}

[GrainType("test.call")]
public sealed class CallGrain : Grain, ICallGrain
{
    private readonly List<int> _items = [];
    private string _workRanOn = "";

    public Task<int> AppendAsync(int item)
    {
        _items.Add(item);
        return Task.FromResult(_items.Count);
    }

    public Task<List<int>> ItemsAsync() => Task.FromResult(_items);

    public async Task<int> HoldAsync(string reached, string release, int item)
    {
        Gate.Open(reached);
        await Gate.Passed(release);
        _items.Add(item);
        return _items.Count;
    }

    public Task<int> HoldBrieflyAsync(string reached, string release, int item) => HoldAsync(reached, release, item);

    public Task<int> CountAsync() => Task.FromResult(_items.Count);

    public Task StartWorkAsync(string release, string done)
    {
        var mine = TaskScheduler.Current;
        _ = WorkAsync();
        return Task.CompletedTask;

        async Task WorkAsync()
        {
            await Gate.Passed(release);
            _workRanOn = TaskScheduler.Current == mine ? "its own scheduler" : "another scheduler";
            Gate.Open(done);
        }
    }

    public Task<string> WorkRanOnAsync() => Task.FromResult(_workRanOn);

    public Task<int> RoundTripAsync(string other) => GrainFactory.GetGrain<ICallGrain>(other).CallBackAsync(this.GetPrimaryKeyString());

    public Task<int> CallBackAsync(string origin) => GrainFactory.GetGrain<ICallGrain>(origin).BrieflyAsync();

    public Task<int> BrieflyAsync() => Task.FromResult(_items.Count);

    public Task<int> CallMyselfAsync() => GrainFactory.GetGrain<ICallGrain>(this.GetPrimaryKeyString()).BrieflyAsync();

    public Task<string> WhereAsync() => Task.FromResult(((ILocalSiloDetails)ServiceProvider.GetService(typeof(ILocalSiloDetails))!).SiloAddress.ToParsableString());

    public async Task<string> SchedulersAsync()
    {
        var mine = TaskScheduler.Current;
        var seen = new List<string> { mine == TaskScheduler.Default ? "starts on the pool" : "starts on its own" };
        await Task.Yield();
        seen.Add(TaskScheduler.Current == mine ? "stays after await" : "leaves after await");
        seen.Add(SynchronizationContext.Current is null ? "no context" : "a context");
        var started = await Task.Factory.StartNew(() => TaskScheduler.Current, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
        seen.Add(started == mine ? "StartNew stays" : "StartNew leaves");
        var pooled = await Task.Run(() => TaskScheduler.Current);
        seen.Add(pooled == TaskScheduler.Default ? "Run leaves" : "Run stays");
        seen.Add(TaskScheduler.Current == mine ? "comes back" : "stays away");
        await Task.Run(() => { }).ConfigureAwait(false);
        return string.Join(", ", seen);
    }
}
