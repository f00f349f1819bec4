using System.Collections.Concurrent;

namespace Holdfast.Engine.Tests.Semantics;

public interface INotes : IGrainObserver
{
    [ResponseTimeout("00:00:02")]
    Task<int> NoteAsync(int number);

    Task HoldAsync(string reached, string release);

    Task FailAsync();
}

/// <summary>An observer that notes what it is told, and whether two calls ever ran at once.</summary>
public sealed class Notes : INotes
{
    private int _inside;

    public ConcurrentQueue<int> Seen { get; } = new();

    public bool Overlapped { get; private set; }

    public async Task<int> NoteAsync(int number)
    {
        Overlapped |= Interlocked.Increment(ref _inside) > 1;
        await Task.Yield();
        Seen.Enqueue(number);
        Interlocked.Decrement(ref _inside);
        return Seen.Count;
    }

    public async Task HoldAsync(string reached, string release)
    {
        Overlapped |= Interlocked.Increment(ref _inside) > 1;
        Gate.Open(reached);
        await Gate.Passed(release);
        Interlocked.Decrement(ref _inside);
    }

    public Task FailAsync() => throw new InvalidOperationException("the observer failed");
}

public interface INotifierGrain : IGrainWithStringKey
{
    Task SubscribeAsync(INotes observer);

    /// <summary>Tells the observer a number and says what it answered, or how the call failed.</summary>
    Task<string> TellAsync(int number);

    Task<int> TellManyAsync(int count);

    Task<string> TellFailureAsync();

    /// <summary>Makes the observer wait at a gate, and does not wait for it.</summary>
    Task HangAsync(string reached, string release);
}

[GrainType("test.notifier")]
public sealed class NotifierGrain : Grain, INotifierGrain
{
    private INotes? _observer;

    public Task SubscribeAsync(INotes observer)
    {
        _observer = observer;
        return Task.CompletedTask;
    }

    public async Task<string> TellAsync(int number)
    {
        try
        {
            return $"answered {await _observer!.NoteAsync(number)}";
        }
        catch (TimeoutException)
        {
            return "timed out";
        }
    }

    public async Task<int> TellManyAsync(int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(n => _observer!.NoteAsync(n)));
        return count;
    }

    public async Task<string> TellFailureAsync()
    {
        try
        {
            await _observer!.FailAsync();
            return "";
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    public Task HangAsync(string reached, string release)
    {
        _ = _observer!.HoldAsync(reached, release);
        return Task.CompletedTask;
    }
}
