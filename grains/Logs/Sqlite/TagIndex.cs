namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>The rows of <c>tag</c>: for each tag the numbers of the logs that carry it, in order.</summary>
internal sealed class TagIndex(Database database)
{
    internal const string Above = "SELECT n FROM tag WHERE name=?1 AND value=?2 AND n>?3 ORDER BY n LIMIT 1";
    internal const string Below = "SELECT n FROM tag WHERE name=?1 AND value=?2 AND n<?3 ORDER BY n DESC LIMIT 1";
    private readonly Statement _add = database.Prepare("INSERT INTO tag VALUES(?1, ?2, ?3)");
    private readonly Statement _remove = database.Prepare("DELETE FROM tag WHERE name=?1 AND value=?2 AND n=?3");
    private readonly Statement _above = database.Prepare(Above);
    private readonly Statement _below = database.Prepare(Below);
    private readonly Statement _anyAbove = database.Prepare("SELECT n FROM log WHERE n>?1 ORDER BY n LIMIT 1");
    private readonly Statement _anyBelow = database.Prepare("SELECT n FROM log WHERE n<?1 ORDER BY n DESC LIMIT 1");
    private readonly Dictionary<int, Statement> _counts = [];

    /// <summary>Changes a log's tags from one set to another, touching only what differs.</summary>
    public void Replace(long number, IReadOnlyList<LogTag> before, IReadOnlyList<LogTag> after)
    {
        foreach (var tag in before.Except(after))
        {
            _remove.Set(1, tag.Name).Set(2, tag.Value).Set(3, number).Execute();
        }

        foreach (var tag in after.Except(before))
        {
            _add.Set(1, tag.Name).Set(2, tag.Value).Set(3, number).Execute();
        }
    }

    /// <summary>
    /// The next log beyond <paramref name="position"/> that carries all tags; null at the end. The tags' ordered lists are walked together,
    /// each leaping to where the others are, so that the shortest of them sets the cost.
    /// </summary>
    public long? Next(IReadOnlyList<LogTag> tags, long position, bool upwards)
    {
        if (tags.Count == 0)
        {
            var any = upwards ? _anyAbove : _anyBelow;
            return First(any.Set(1, position));
        }

        var candidate = Seek(tags[0], position, upwards);
        for (var (agreed, next) = (1, 1); candidate is { } number && agreed < tags.Count; next++)
        {
            // The candidate itself counts too, hence one step back.
            var found = Seek(tags[next % tags.Count], upwards ? number - 1 : number + 1, upwards);
            agreed = found == number ? agreed + 1 : 1;
            candidate = found;
        }

        return candidate;
    }

    /// <summary>How many logs carry each value of a tag, among those that carry all of <paramref name="tags"/>.</summary>
    public Dictionary<string, long> Count(string name, IReadOnlyList<LogTag> tags)
    {
        var count = CountStatement(tags.Count).Set(1, name);
        for (var i = 0; i < tags.Count; i++)
        {
            count.Set(2 + (2 * i), tags[i].Name).Set(3 + (2 * i), tags[i].Value);
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        using (count.Run())
        {
            while (count.Step())
            {
                counts.Add(count.Text(0), count.Number(1));
            }
        }

        return counts;
    }

    private static long? First(Statement statement)
    {
        using (statement.Run())
        {
            return statement.Step() ? statement.Number(0) : null;
        }
    }

    private long? Seek(LogTag tag, long position, bool upwards)
    {
        var seek = upwards ? _above : _below;
        return First(seek.Set(1, tag.Name).Set(2, tag.Value).Set(3, position));
    }

    private Statement CountStatement(int tags)
    {
        if (!_counts.TryGetValue(tags, out var statement))
        {
            var conditions = Enumerable.Range(1, tags).Select(i =>
                $" AND EXISTS(SELECT 1 FROM tag AS t{i} WHERE t{i}.name=?{2 * i} AND t{i}.value=?{(2 * i) + 1} AND t{i}.n=tag.n)");
            statement = database.Prepare($"SELECT value, count(*) FROM tag WHERE name=?1{string.Concat(conditions)} GROUP BY value");
            _counts.Add(tags, statement);
        }

        return statement;
    }
}
