using Orleans.Concurrency;

namespace Holdfast.Engine.Bench;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<int> AddAsync(int number);

    ValueTask PingAsync();

    Task<int> LoopAsync(string other, int times);

    Task<int> NotifyAsync(INoteObserver observer, Note note, int times);

    Task<int> AskManyAsync(INoteObserver observer, Note note, int times);

    [AlwaysInterleave]
    Task<int> PeekAsync();
}

public interface INoteObserver : IGrainObserver
{
    Task NoteAsync(Note note);
}

[GenerateSerializer, Immutable, Alias("bench.Note")]
public sealed record Note([property: Id(0)] long Seq, [property: Id(1)] ReadOnlyMemory<byte> Bytes);

[GrainType("bench.echo")]
public sealed class EchoGrain : Grain, IEchoGrain
{
    private int _sum;

    public Task<int> AddAsync(int number) => Task.FromResult(_sum += number);

    public ValueTask PingAsync() => default;

    public Task<int> PeekAsync() => Task.FromResult(_sum);

    public async Task<int> LoopAsync(string other, int times)
    {
        var grain = GrainFactory.GetGrain<IEchoGrain>(other);
        var sum = 0;
        for (var i = 0; i < times; i++)
        {
            sum += await grain.AddAsync(1);
        }

        return sum;
    }

    public async Task<int> NotifyAsync(INoteObserver observer, Note note, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await observer.NoteAsync(note);
        }

        return times;
    }

    public async Task<int> AskManyAsync(INoteObserver observer, Note note, int times)
    {
        const int Window = 100;
        for (var i = 0; i < times; i += Window)
        {
            var batch = new Task[Window];
            for (var j = 0; j < Window; j++)
            {
                batch[j] = observer.NoteAsync(note);
            }

            await Task.WhenAll(batch);
        }

        return times;
    }
}

public sealed class Counter : INoteObserver
{
    private long _count;

    public long Count => _count;

    public Task NoteAsync(Note note)
    {
        Interlocked.Increment(ref _count);
        return Task.CompletedTask;
    }
}
