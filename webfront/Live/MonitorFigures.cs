using System.Globalization;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>
/// What the monitor shows: tasks, silos and fronts of the whole cluster; connections of this front; and, where a silo runs in this process, its appends.
/// Its size depends on how many silos, fronts, kinds and close codes there are, never on the load.
/// </summary>
internal sealed class MonitorFigures(FrontContext front, PageCache pages, MetricsText metrics)
{
    private const string Appends = "holdfast_append_seconds";

    /// <summary>The figures of this moment.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        var roster = front.Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key);
        var statuses = await front.Logs.CountAsync("status", [TaskTags.Any], cancellationToken);
        var kinds = await front.Logs.CountAsync("kind", [TaskTags.Any, TaskTags.Open], cancellationToken);
        var writers = await front.Logs.CountAsync("silo", [TaskTags.Any, TaskTags.Open], cancellationToken);
        var fronts = await roster.ListAsync();
        var silos = await roster.SilosAsync();
        metrics.Collect();
        return WireJson.Write(writer =>
        {
            writer.WriteString("type"u8, "monitor"u8);
            writer.WriteString("time"u8, WireTime.Format(front.Clock.GetUtcNow()));
            Build(writer);
            Counts(writer, "tasks"u8, statuses);
            Counts(writer, "active_by_kind"u8, kinds);
            Silos(writer, silos, writers);
            Fronts(writer, fronts);
            Work(writer);
            Connections(writer);
            writer.WriteNumber("feeds"u8, front.Feeds.All.Count);
            writer.WriteNumber("page_cache_bytes"u8, pages.Bytes);
        });
    }

    private void Build(Utf8JsonWriter writer)
    {
        writer.WriteString("version"u8, HostBanner.Version);
        writer.WriteString("engine"u8, HostBanner.Engine);
        writer.WriteString("store"u8, front.Logs.GetType().Name.Split("Log")[0].ToLowerInvariant());
        writer.WriteString("front"u8, front.Id);
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

    /// <summary>What a silo in this process does; null where there is none.</summary>
    private void Work(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("work"u8);
        if (metrics.Histogram(Appends) is not { } appends)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("events_appended"u8, metrics.Total("holdfast_events_appended"));
        writer.WriteNumber("generators_running"u8, metrics.Total("holdfast_generators_running"));
        writer.WriteNumber("tasks_owned"u8, metrics.Total("holdfast_tasks_owned"));
        writer.WriteNumber("interruptions"u8, metrics.Total("holdfast_tasks_interrupted"));
        writer.WriteNumber("appends"u8, appends.Count);
        writer.WriteNumber("append_seconds"u8, appends.Sum);
        writer.WriteStartArray("appends_within"u8);
        foreach (var (bound, count) in appends.UpTo)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(bound);
            writer.WriteNumberValue(count);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>This front's viewers: counts from its start, and how it is now.</summary>
    private void Connections(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("connections"u8);
        Now(writer);
        Counts(writer, "opened"u8, Whole(metrics.By("holdfast_connections_opened", "transport")));
        Ends(writer);
        Counts(writer, "returned"u8, Whole(metrics.By("holdfast_cursors_returned", "outcome")));
        writer.WriteNumber("messages_delivered"u8, metrics.Total("holdfast_messages_delivered"));
        writer.WriteNumber("gaps"u8, metrics.Total("holdfast_gaps"));
        writer.WriteEndObject();
    }

    private void Now(Utf8JsonWriter writer)
    {
        var (slow, most) = (0, 0L);
        foreach (var one in front.Connections.All)
        {
            var lag = one.Lag;
            slow += lag > front.Options.CompactLag ? 1 : 0;
            most = Math.Max(most, lag);
        }

        writer.WriteNumber("open"u8, front.Connections.Count);
        writer.WriteNumber("slow"u8, slow);
        writer.WriteNumber("largest_lag"u8, most);
    }

    private void Ends(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("closed"u8);
        foreach (var (end, count) in metrics.By("holdfast_connections_closed", "code", "verdict").OrderBy(one => string.Join(' ', one.Values), StringComparer.Ordinal))
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
