using Holdfast.Grains.Setup;

namespace Holdfast.Grains.Monitoring;

/// <summary>The board on which every process of the cluster writes what it measures, for the monitor. Key: <see cref="FiguresBoard.Key"/>.</summary>
[Alias("holdfast.IFiguresGrain")]
public interface IFiguresGrain : IGrainWithStringKey
{
    /// <summary>A process says where its figures stand; it takes the place of what it said before.</summary>
    [Alias("report"), ResponseTimeout("00:00:05")]
    Task ReportAsync(NodeFigures figures);

    /// <summary>A process goes down: its figures count no more.</summary>
    [Alias("leave"), ResponseTimeout("00:00:05")]
    Task LeaveAsync(string node);

    /// <summary>The last word of all that were heard of lately.</summary>
    [Alias("list"), ResponseTimeout("00:00:05")]
    Task<NodeFigures[]> ListAsync();
}

/// <summary>The one board.</summary>
public static class FiguresBoard
{
    /// <summary>Its key.</summary>
    public const string Key = "figures";
}

/// <summary>How the monitor learns what the processes of the cluster measure.</summary>
[Section("Monitor")]
public sealed class MonitorOptions : ICheckedOptions
{
    /// <summary>How often a process says where its figures stand. Smaller: fresher curves; larger: fewer messages. Default: 1 s.</summary>
    [Bounds("00:00:00.01")]
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the figures of a process count that says nothing any more: more than two report periods. Smaller: a process that is gone is left out
    /// sooner; larger: one that is busy stays in. Default: 5 s.
    /// </summary>
    [Bounds("00:00:00.02")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<(string Option, string Cure)> Check()
    {
        if (KeepFor <= ReportPeriod * 2)
        {
            yield return (nameof(KeepFor), $"is {KeepFor}; it is longer than two of Monitor:ReportPeriod ({ReportPeriod}): one report may come late");
        }
    }
}
