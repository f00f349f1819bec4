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
    public async Task<long> NextNumberAsync() => await link.Database.StringIncrementAsync(_numbers);

    /// <summary>Puts a log into the sets of these tags.</summary>
    public async Task AddAsync(string id, long number, IReadOnlyList<LogTag> tags, bool created)
    {
        List<Task> adding = [];
        if (created)
        {
            adding.Add(link.Database.SortedSetAddAsync(Everything, id, number));
        }

        foreach (var tag in tags)
        {
            adding.Add(link.Database.SortedSetAddAsync(Set(tag), id, number));
            adding.Add(link.Database.SetAddAsync(Values(tag.Name), tag.Value));
        }

        await Task.WhenAll(adding);
    }

    /// <summary>Takes a log out of the sets of these tags, unless a later log of the same id is in them.</summary>
    public async Task RemoveAsync(string id, long number, IReadOnlyList<LogTag> tags, bool deleted)
    {
        if (deleted || tags.Count > 0)
        {
            await link.Database.ScriptEvaluateAsync(
                LogScripts.Unlist,
                [.. tags.Select(Set), .. tags.Select(tag => Values(tag.Name)), .. deleted ? [Everything] : Array.Empty<RedisKey>()],
                [id, number, .. tags.Select(tag => (RedisValue)tag.Value)]);
        }
    }

    /// <summary>Numbers and ids of logs that are in all sets.</summary>
    public async Task<List<(long Number, string Id)>> ListAsync(IReadOnlyList<LogTag> tags, bool oldestFirst, long? after, int limit)
    {
        RedisKey[] keys = tags.Count == 0 ? [Everything] : [.. tags.Select(Set)];
        var found = (RedisResult[]?)await link.Database.ScriptEvaluateAsync(LogScripts.List, keys, [oldestFirst ? "1" : "0", after is { } number ? number : "", limit]) ?? [];
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
        var values = await link.Database.SetMembersAsync(Values(name));
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var counting = values.Select(value => CountOneAsync(value.ToString())).ToList();
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
            var set = Set(new LogTag(name, value));
            return (value, await (tags.Count == 0
                ? link.Database.SortedSetLengthAsync(set)
                : link.Database.SortedSetIntersectionLengthAsync([set, .. tags.Select(Set)])));
        }
    }

    private RedisKey Everything => $"{{{prefix}:index}}:all";

    private RedisKey Set(LogTag tag) => $"{{{prefix}:index}}:tag:{tag.Name.Length}:{tag.Name}={tag.Value}";

    private RedisKey Values(string name) => $"{{{prefix}:index}}:values:{name}";
}
