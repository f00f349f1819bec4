using System.Collections.Concurrent;

namespace Holdfast.Engine.Tests.Semantics;

public interface IPlaceGrain : IGrainWithStringKey
{
    Task<Place> PlaceAsync();

    Task<int> AddAsync(int number);

    /// <summary>Opens a gate, waits at another one, then says where it is.</summary>
    Task<Place> HoldAsync(string reached, string release);

    /// <summary>Calls many other grains one after another.</summary>
    Task<int> WalkAsync(string prefix, int count);

    Task FailAsync(string kind);

    /// <summary>Has a timer open <c>key tick n</c> at its n-th tick.</summary>
    Task TickAsync();
}

[GenerateSerializer, Immutable, Alias("test.Place")]
public sealed record Place([property: Id(0)] string Silo, [property: Id(1)] Guid Activation);

[GrainType("test.place")]
public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    /// <summary>Grains that were deactivated in good order.</summary>
    public static readonly ConcurrentDictionary<string, bool> Ended = new();

    private readonly Guid _activation = Guid.NewGuid();
    private int _sum;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Ended[this.GetPrimaryKeyString()] = true;
        return Task.CompletedTask;
    }

    public Task<Place> PlaceAsync() => Task.FromResult(new Place(silo.Name, _activation));

    public Task<int> AddAsync(int number) => Task.FromResult(_sum += number);

    public async Task<Place> HoldAsync(string reached, string release)
    {
        Gate.Open(reached);
        await Gate.Passed(release);
        return await PlaceAsync();
    }

    public async Task<int> WalkAsync(string prefix, int count)
    {
        var sum = 0;
        for (var i = 0; i < count; i++)
        {
            sum += await GrainFactory.GetGrain<IPlaceGrain>($"{prefix}{i}").AddAsync(1);
        }

        return sum;
    }

    public Task TickAsync()
    {
        var ticks = 0;
        this.RegisterGrainTimer(
            () =>
            {
                Gate.Open($"{this.GetPrimaryKeyString()} tick {++ticks}");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)));
        return Task.CompletedTask;
    }

    public Task FailAsync(string kind) => throw (kind switch
    {
        "marked" => new MarkedFailureException("told") { Code = 7 },
        "unmarked" => new UnmarkedFailureException("told"),
        _ => new ArgumentException("told", nameof(kind)) { Data = { ["lost"] = 1 } },
    });
}

/// <summary>Notes every change that a silo is told of.</summary>
public sealed class StatusNotes : ISiloStatusListener
{
    private readonly ConcurrentDictionary<(SiloAddress, SiloStatus), TaskCompletionSource> _seen = new();

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => Of(updatedSilo, status).TrySetResult();

    public Task Seen(SiloAddress silo, SiloStatus status) => Of(silo, status).Task.ForAsync($"{silo} to be seen {status}");

    private TaskCompletionSource Of(SiloAddress silo, SiloStatus status) => _seen.GetOrAdd((silo, status), static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
