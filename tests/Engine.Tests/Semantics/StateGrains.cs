namespace Holdfast.Engine.Tests.Semantics;

[GenerateSerializer, Alias("test.Score")]
public sealed class Score : ICloneable
{
    [Id(0)]
    public int Points { get; set; }

    public object Clone() => new Score { Points = Points };
}

public interface IStateGrain : IGrainWithStringKey
{
    Task<string> LookAsync();

    Task WriteAsync(int points);

    /// <summary>Writes, and says nothing of a failure.</summary>
    Task<string> TryWriteAsync(int points);

    Task ClearAsync();

    Task<Guid> ActivationAsync();
}

[GrainType("test.state")]
public sealed class StateGrain([PersistentState("score", "test")] IPersistentState<Score> score) : Grain, IStateGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public Task<string> LookAsync() => Task.FromResult($"{score.State.Points} {score.RecordExists} {score.Etag is null}");

    public async Task WriteAsync(int points)
    {
        score.State.Points = points;
        await score.WriteStateAsync();
    }

    public async Task<string> TryWriteAsync(int points)
    {
        score.State.Points = points;
        try
        {
            await score.WriteStateAsync();
            return "written";
        }
        catch (OrleansException e)
        {
            return e.InnerException?.Message ?? e.Message;
        }
    }

    public Task ClearAsync() => score.ClearStateAsync();

    public Task<Guid> ActivationAsync() => Task.FromResult(_activation);
}

[GrainType("test.memory")]
public sealed class MemoryGrain([PersistentState("score", "memory")] IPersistentState<Score> score) : Grain, IMemoryGrain
{
    public async Task<int> AddAsync(int points)
    {
        score.State.Points += points;
        await score.WriteStateAsync();
        return score.State.Points;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface IMemoryGrain : IGrainWithStringKey
{
    Task<int> AddAsync(int points);

    Task EndAsync();
}
