using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>
/// By what logs are found: for each tag a sorted set of ids by the order of creation, all in one slot of their own. A log enters a set before it
/// carries the tag and leaves after it no longer does, so that a set never lacks a log; what it has too many, the log's own tags tell.
/// </summary>
internal sealed class LogIndex(RedisLink link, string prefix)
{
    private readonly RedisKey _numbers = $"{{{prefix}:index}}:numbers";

    /// <summary>The next log's number.</summary>
    public async Task<long> NextNumberAsync() => (long)await link.Database.ExecuteAsync("INCR", _numbers);

    /// <summary>Puts a log into the sets of these tags.</summary>
    public async Task AddAsync(string id, long number, IReadOnlyList<LogTag> tags, bool created)
    {
        List<Task> adding = [];
        if (created)
        {
            adding.Add(link.Database.ExecuteAsync("ZADD", Everything, number, id));
        }

        foreach (var tag in tags)
        {
            adding.Add(link.Database.ExecuteAsync("ZADD", Set(tag), number, id));
            adding.Add(link.Database.ExecuteAsync("SADD", Values(tag.Name), tag.Value));
        }

        await Task.WhenAll(adding);
    }

    /// <summary>Takes a log out of the sets of these tags, unless a later log of the same id is in them.</summary>
    public async Task RemoveAsync(string id, long number, IReadOnlyList<LogTag> tags, bool deleted)
    {
        if (deleted || tags.Count > 0)
        {
            await LogScripts.Unlist.RunAsync(
                link.Database,
                [.. tags.Select(Set), .. tags.Select(tag => Values(tag.Name)), .. deleted ? [Everything] : Array.Empty<RedisKey>()],
                [id, number, .. tags.Select(tag => (RedisValue)tag.Value)]);
        }
    }

    /// <summary>Numbers and ids of logs that are in all sets.</summary>
    public async Task<List<(long Number, string Id)>> ListAsync(IReadOnlyList<LogTag> tags, bool oldestFirst, long? after, int limit)
    {
        RedisKey[] keys = tags.Count == 0 ? [Everything] : [.. tags.Select(Set)];
        var found = (RedisResult[]?)await LogScripts.List.RunAsync(link.Database, keys, oldestFirst ? "1" : "0", after is { } number ? number : "", limit) ?? [];
        var list = new List<(long, string)>(found.Length / 2);
        for (var i = 0; i < found.Length; i += 2)
        {
            list.Add(((long)(double)found[i], (string?)found[i + 1] ?? ""));
        }

        return list;
    }

    /// <summary>How many logs are in the set of each value of a tag's name, and in all of the other sets.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags)
    {
        var values = (RedisResult[]?)await link.Database.ExecuteAsync("SMEMBERS", Values(name)) ?? [];
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var counting = values.Select(value => CountOneAsync((string?)value ?? "")).ToList();
        foreach (var (value, count) in await Task.WhenAll(counting))
        {
            if (count > 0)
            {
                counts[value] = count;
            }
        }

        return counts;

        async Task<(string, long)> CountOneAsync(string value)
        {
            object set = Set(new LogTag(name, value));
            return (value, (long)await (tags.Count == 0
                ? link.Database.ExecuteAsync("ZCARD", set)
                : link.Database.ExecuteAsync("ZINTERCARD", [tags.Count + 1, set, .. tags.Select(tag => (object)Set(tag))])));
        }
    }

    private RedisKey Everything => $"{{{prefix}:index}}:all";

    private RedisKey Set(LogTag tag) => $"{{{prefix}:index}}:tag:{tag.Name.Length}:{tag.Name}={tag.Value}";

    private RedisKey Values(string name) => $"{{{prefix}:index}}:values:{name}";
}
