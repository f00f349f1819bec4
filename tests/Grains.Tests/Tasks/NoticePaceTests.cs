using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class NoticePaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TaskHead Head = new()
    {
        Kind = "k",
        Owner = "o",
        MaxAttempts = 2,
        RequestDigest = "",
        CreatedAt = Start,
        Labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["team"] = "a" },
    };

    private readonly NoticePace _pace = new("t", TimeSpan.FromSeconds(1));

    [Fact]
    public void EveryChangeOfTheStatus_IsToldAtOnce_WithTheOneBefore()
    {
        var created = _pace.Next(Head, Start)!;
        Assert.Equal(("t", "k", "o", GenerationStatus.Queued, null, null), (created.TaskId, created.Kind, created.Owner, created.Status, created.Before, created.Percent));
        Assert.Equal("a", created.Labels["team"]);
        Assert.Null(_pace.Next(Head, Start));
        Assert.Equal(GenerationStatus.Queued, _pace.Next(Head with { Status = GenerationStatus.Running }, Start)!.Before);
        Assert.Equal(GenerationStatus.Running, _pace.Next(Head with { Status = GenerationStatus.Completed }, Start)!.Before);
    }

    [Fact]
    public void Progress_IsToldOnceAPeriod_AsItStandsThen()
    {
        _pace.Found(Head);
        Assert.Equal((10, false), At(10, 0));
        Assert.Null(At(20, 0.5));
        Assert.Equal((30, false), At(30, 1));
        Assert.Null(At(30, 5));

        (double?, bool)? At(double percent, double seconds) =>
            _pace.Next(Head with { Progress = new Progress(percent, null, null, null, null) }, Start.AddSeconds(seconds)) is { } notice ? (notice.Percent, notice.ChangesStatus) : null;
    }

    [Fact]
    public void ATaskThatWasFound_IsNoNews()
    {
        _pace.Found(Head with { Status = GenerationStatus.Running });
        Assert.Null(_pace.Next(Head with { Status = GenerationStatus.Running }, Start));
        Assert.Equal(GenerationStatus.Running, _pace.Next(Head, Start)!.Before);
    }

    [Fact]
    public void ANotice_IsOfTheListsThatShowTheTask_AndOfThoseThatDidBefore()
    {
        _pace.Found(Head with { Status = GenerationStatus.Running });
        var tags = _pace.Next(Head with { Status = GenerationStatus.Completed }, Start)!.Tags();
        Assert.True(Fits(TaskTags.Any, TaskTags.Owner("o"), TaskTags.Label("team", "a")));
        Assert.True(Fits(TaskTags.Any, TaskTags.Status(GenerationStatus.Completed)));
        Assert.True(Fits(TaskTags.Any, TaskTags.Status(GenerationStatus.Running)));
        Assert.True(Fits(TaskTags.Any, TaskTags.Open));
        Assert.False(Fits(TaskTags.Any, TaskTags.Status(GenerationStatus.Queued)));
        Assert.False(Fits(TaskTags.Any, TaskTags.Label("team", "b")));
        Assert.False(Fits(TaskTags.Any, TaskTags.Kind("other")));

        bool Fits(params LogTag[] filter) => tags.Any(all => filter.All(all.Contains));
    }
}
