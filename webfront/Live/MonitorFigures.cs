using System.Globalization;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Monitoring;
using Holdfast.Hosting;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>
/// What the monitor shows of the whole cluster: tasks, silos and fronts, and what all processes that run now have measured since they started.
/// Its size depends on how many silos, fronts, kinds and close codes there are, never on the load; however many look, it is read once a period.
/// </summary>
internal sealed class MonitorFigures(FrontContext front, TaskCounts tasks, FiguresReporter reporter)
{
    private readonly SharedReading<byte[]> _reading = new(front.Clock, front.Options.LivePeriod / 2);

    /// <summary>The figures of this moment, or of half a period ago.</summary>
    public Task<byte[]> ReadAsync() => _reading.ReadAsync(ReadAnewAsync);

    private async Task<byte[]> ReadAnewAsync()
    {
        var roster = front.Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key);
        var board = front.Grains.GetGrain<IFiguresGrain>(FiguresBoard.Key);
        var counts = await tasks.ReadAsync();
        var fronts = await roster.ListAsync();
        var silos = await roster.SilosAsync();
        var own = reporter.Read();
        NodeFigures[] nodes = [own, .. (await board.ListAsync()).Where(node => node.Node != own.Node)];
        var sums = new FigureSums(nodes);
        return WireJson.Write(writer =>
        {
            writer.WriteString("type"u8, "monitor"u8);
            writer.WriteString("time"u8, WireTime.Format(front.Clock.GetUtcNow()));
            Build(writer);
            Processes(writer, nodes);
            Counts(writer, "tasks"u8, counts.Statuses);
            Counts(writer, "active_by_kind"u8, counts.ActiveByKind);
            Silos(writer, silos, counts.Silos);
            Fronts(writer, fronts);
            Work(writer, sums);
            Connections(writer, sums);
            writer.WriteNumber("feeds"u8, sums.Total(FigureNames.Feeds));
            writer.WriteNumber("page_cache_bytes"u8, sums.Total(FigureNames.PageCacheBytes));
        });
    }

    private void Build(Utf8JsonWriter writer)
    {
        writer.WriteString("version"u8, HostBanner.Version);
        writer.WriteString("orleans"u8, HostBanner.Orleans);
        writer.WriteString("store"u8, front.Logs.GetType().Name.Split("Log")[0].ToLowerInvariant());
        writer.WriteString("front"u8, front.Id);
    }

    /// <summary>Whose figures these are: counts can be compared while these are the same.</summary>
    private static void Processes(Utf8JsonWriter writer, NodeFigures[] nodes)
    {
        writer.WriteStartArray("processes"u8);
        foreach (var node in nodes.Select(one => one.Node).Order(StringComparer.Ordinal))
        {
            writer.WriteStringValue(node);
        }

        writer.WriteEndArray();
    }

    private static void Counts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<KeyValuePair<string, long>> counts)
    {
        writer.WriteStartObject(name);
        foreach (var (value, count) in counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteNumber(value, count);
        }

        writer.WriteEndObject();
    }

    /// <summary>Those that run, and those that still stand on tasks though they don't.</summary>
    private static void Silos(Utf8JsonWriter writer, string[] active, IReadOnlyDictionary<string, long> writers)
    {
        writer.WriteStartArray("silos"u8);
        foreach (var silo in active.Union(writers.Keys.Where(name => name.Length > 0), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("address"u8, silo);
            writer.WriteBoolean("active"u8, active.Contains(silo, StringComparer.Ordinal));
            writer.WriteNumber("tasks"u8, writers.GetValueOrDefault(silo));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Fronts(Utf8JsonWriter writer, FrontInfo[] roster)
    {
        writer.WriteStartArray("fronts"u8);
        foreach (var one in roster)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, one.Id);
            writer.WriteString("address"u8, one.Address);
            writer.WriteString("started_at"u8, WireTime.Format(one.StartedAt));
            writer.WriteNumber("sessions"u8, one.Id == front.Id ? front.Connections.Count : one.Sessions);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>What the silos do.</summary>
    private static void Work(Utf8JsonWriter writer, FigureSums sums)
    {
        var appends = sums.Histogram(FigureNames.Appends);
        writer.WriteStartObject("work"u8);
        writer.WriteNumber("events_appended"u8, sums.Total(FigureNames.EventsAppended));
        writer.WriteNumber("generators_running"u8, sums.Total(FigureNames.GeneratorsRunning));
        writer.WriteNumber("tasks_owned"u8, sums.Total(FigureNames.TasksOwned));
        writer.WriteNumber("worker_leases"u8, sums.Total(FigureNames.WorkerLeases));
        writer.WriteNumber("interruptions"u8, sums.Total(FigureNames.Interrupted));
        writer.WriteNumber("appends"u8, appends.Count);
        writer.WriteNumber("append_seconds"u8, appends.Sum);
        writer.WriteStartArray("appends_within"u8);
        foreach (var (bound, count) in appends.Within)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(bound);
            writer.WriteNumberValue(count);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The viewers: how it is now, and counts.</summary>
    private static void Connections(Utf8JsonWriter writer, FigureSums sums)
    {
        writer.WriteStartObject("connections"u8);
        writer.WriteNumber("open"u8, sums.Total(FigureNames.Connections));
        writer.WriteNumber("polling"u8, sums.Total(FigureNames.Polling));
        writer.WriteNumber("slow"u8, sums.Total(FigureNames.Slow));
        writer.WriteNumber("largest_lag"u8, sums.Largest(FigureNames.LargestLag));
        Counts(writer, "opened"u8, Whole(sums.By(FigureNames.Opened, "transport")));
        Ends(writer, sums);
        Counts(writer, "returned"u8, Whole(sums.By(FigureNames.Returned, "outcome")));
        writer.WriteNumber("messages_delivered"u8, sums.Total(FigureNames.Delivered));
        writer.WriteNumber("gaps"u8, sums.Total(FigureNames.Gaps));
        writer.WriteEndObject();
    }

    private static void Ends(Utf8JsonWriter writer, FigureSums sums)
    {
        writer.WriteStartArray("closed"u8);
        foreach (var (end, count) in sums.By(FigureNames.Closed, "code", "verdict"))
        {
            writer.WriteStartObject();
            writer.WriteNumber("code"u8, int.Parse(end[0], CultureInfo.InvariantCulture));
            writer.WriteString("retry"u8, end[1]);
            writer.WriteNumber("count"u8, (long)count);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static IEnumerable<KeyValuePair<string, long>> Whole(IReadOnlyList<(IReadOnlyList<string> Values, double Sum)> counts) =>
        counts.Select(one => KeyValuePair.Create(one.Values[0], (long)one.Sum));
}
