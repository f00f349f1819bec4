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
public sealed class MonitorOptions
{
    /// <summary>How often a process says where its figures stand, more than 0. Shorter: fresher curves; longer: fewer messages. Default: 1 s.</summary>
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the figures of a process count that says nothing any more: more than two report periods. Default: 5 s.</summary>
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromSeconds(5);
}
