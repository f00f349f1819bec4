namespace Holdfast.Grains.Logs.Redis;

/// <summary>
/// What happens to one log at once. Keys: its hash (epoch, fence, last, sealed, head, tags, …), its stream of runs (each under the number of its last
/// record), its hash of blobs; all in one slot. Numbers are passed and compared as text, as Lua's are not exact beyond 2^53.
/// </summary>
internal static class LogScripts
{
    /// <summary>Creates a log that is not there. Values: epoch, fence before the first, number, head, tags, blob's name, blob. Gives 1 or 0.</summary>
    public const string Create = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'fence', '-' .. ARGV[2], 'number', ARGV[3], 'last', '0', 'sealed', '0', 'head', ARGV[4], 'tags', ARGV[5])
        if ARGV[6] ~= '' then redis.call('HSET', KEYS[3], ARGV[6], ARGV[7]) end
        return 1
        """;

    /// <summary>
    /// Takes a log over. Values: an epoch to use if records were lost, the last record that the caller saw stored ('' for none), and '1' when Redis'
    /// own restart loses nothing. Gives epoch, fence, last, sealed, head, tags, number, stale tags, '1' if records were lost; or nothing.
    /// </summary>
    public const string Open = """
        local log = redis.call('HMGET', KEYS[1], 'epoch', 'fence', 'last', 'sealed', 'head', 'tags', 'number', 'stale', 'run')
        if not log[1] then return false end
        local fence = string.format('%.0f', math.abs(tonumber(log[2])) + 1)
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
        local lost = (ARGV[2] ~= '' and tonumber(log[3]) < tonumber(ARGV[2])) or (ARGV[3] ~= '1' and log[9] and log[9] ~= run)
        if lost then
          log[1] = ARGV[1]
          redis.call('HSET', KEYS[1], 'epoch', log[1])
        end
        redis.call('HSET', KEYS[1], 'fence', fence, 'run', run)
        return { log[1], fence, log[3], log[4], log[5], log[6], log[7], log[8] or '', lost and '1' or '0' }
        """;

    /// <summary>
    /// Appends to several logs, each by itself: three keys and thirteen values for each. Values: fence, expected last, new last, run ('' for none), keys,
    /// '1' and head or '0' and '', '1' and tags or '0' and '', tags no longer carried, blob's name, blob, '1' to seal. Gives outcome (as
    /// <see cref="AppendOutcome"/>) and last for each, or -1 and what went wrong: then it is unknown how much of it is done.
    /// </summary>
    public const string Append = """
        local function append(k, a)
          local hash = KEYS[k + 1]
          local log = redis.call('HMGET', hash, 'fence', 'sealed', 'last')
          if not log[1] then return { 4, '0' } end
          if log[1] ~= ARGV[a + 1] then return { 1, log[3] } end
          if log[2] == '1' then return { 3, log[3] } end
          if log[3] ~= ARGV[a + 2] then return { 2, log[3] } end
          local last = ARGV[a + 3]
          if ARGV[a + 4] ~= '' then
            if ARGV[a + 5] ~= '' then redis.call('XADD', KEYS[k + 2], last .. '-0', 'f', ARGV[a + 2], 'b', ARGV[a + 4], 'k', ARGV[a + 5])
            else redis.call('XADD', KEYS[k + 2], last .. '-0', 'f', ARGV[a + 2], 'b', ARGV[a + 4]) end
          end
          if ARGV[a + 8] == '1' or ARGV[a + 13] == '1' then
            local set = { 'last', last }
            if ARGV[a + 6] == '1' then set[#set + 1] = 'head'; set[#set + 1] = ARGV[a + 7] end
            if ARGV[a + 8] == '1' then set[#set + 1] = 'tags'; set[#set + 1] = ARGV[a + 9]; set[#set + 1] = 'stale'; set[#set + 1] = ARGV[a + 10] end
            if ARGV[a + 13] == '1' then set[#set + 1] = 'sealed'; set[#set + 1] = '1' end
            redis.call('HSET', hash, unpack(set))
          elseif ARGV[a + 6] == '1' then redis.call('HSET', hash, 'last', last, 'head', ARGV[a + 7])
          else redis.call('HSET', hash, 'last', last) end
          if ARGV[a + 11] ~= '' then redis.call('HSET', KEYS[k + 3], ARGV[a + 11], ARGV[a + 12]) end
          return { 0, last }
        end
        local answers = {}
        for i = 0, #KEYS / 3 - 1 do
          local done, answer = pcall(append, i * 3, i * 13)
          answers[i + 1] = done and answer or { -1, type(answer) == 'table' and answer.err or tostring(answer) }
        end
        return answers
        """;

    /// <summary>
    /// Reads runs. Values: after, most records, most bytes. Gives epoch, last, and for each run the number before its first, its number of records' end
    /// (its last), its bytes, its keys; or nothing.
    /// </summary>
    public const string Read = """
        local log = redis.call('HMGET', KEYS[1], 'epoch', 'last')
        if not log[1] then return false end
        local result = { log[1], log[2] }
        local from = '(' .. ARGV[1] .. '-0'
        local records, bytes = 0, 0
        while true do
          local runs = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', 64)
          if #runs == 0 then return result end
          for _, run in ipairs(runs) do
            local fields = run[2]
            local last = string.match(run[1], '^%d+')
            result[#result + 1] = fields[2]
            result[#result + 1] = last
            result[#result + 1] = fields[4]
            result[#result + 1] = fields[6] or ''
            records = records + tonumber(last) - math.max(tonumber(fields[2]), tonumber(ARGV[1]))
            if tonumber(fields[2]) >= tonumber(ARGV[1]) then bytes = bytes + #fields[4] end
            if records >= tonumber(ARGV[2]) or bytes >= tonumber(ARGV[3]) then return result end
            from = '(' .. run[1]
          end
        end
        """;

    /// <summary>Deletes a log. Gives tags, stale tags and number; or nothing.</summary>
    public const string Delete = """
        local log = redis.call('HMGET', KEYS[1], 'tags', 'stale', 'number')
        if not log[1] then return false end
        redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
        return { log[1], log[2] or '', log[3] }
        """;

    /// <summary>
    /// Lists numbers and ids that are in all of the index's sets given. Values: '1' for the oldest first, number after which to go on ('' for the start),
    /// how many. The smallest set is walked, the others are asked.
    /// </summary>
    public const string List = """
        local smallest, size = 1, nil
        for i, key in ipairs(KEYS) do
          local count = redis.call('ZCARD', key)
          if size == nil or count < size then smallest, size = i, count end
        end
        local oldest = ARGV[1] == '1'
        local at = ARGV[2] ~= '' and '(' .. ARGV[2] or (oldest and '-inf' or '+inf')
        local limit, result = tonumber(ARGV[3]), {}
        while true do
          local page
          if oldest then page = redis.call('ZRANGEBYSCORE', KEYS[smallest], at, '+inf', 'WITHSCORES', 'LIMIT', 0, 256)
          else page = redis.call('ZREVRANGEBYSCORE', KEYS[smallest], at, '-inf', 'WITHSCORES', 'LIMIT', 0, 256) end
          if #page == 0 then return result end
          for i = 1, #page, 2 do
            local all = true
            for k, key in ipairs(KEYS) do
              if k ~= smallest and not redis.call('ZSCORE', key, page[i]) then all = false; break end
            end
            if all then
              result[#result + 1] = page[i + 1]
              result[#result + 1] = page[i]
              if #result >= limit * 2 then return result end
            end
          end
          at = '(' .. page[#page]
        end
        """;

    /// <summary>
    /// Takes a log out of sets of the index, where it stands under this number; a tag's value that no log has any more is forgotten. Keys: the tags'
    /// sets, the values of their names, and the set of all logs if it is to leave that too. Values: id, number, the tags' values.
    /// </summary>
    public const string Unlist = """
        local function unlist(key)
          local score = redis.call('ZSCORE', key, ARGV[1])
          if score and tonumber(score) == tonumber(ARGV[2]) then redis.call('ZREM', key, ARGV[1]) end
        end
        local tags = #ARGV - 2
        for i = 1, tags do
          unlist(KEYS[i])
          if redis.call('EXISTS', KEYS[i]) == 0 then redis.call('SREM', KEYS[tags + i], ARGV[2 + i]) end
        end
        if #KEYS > 2 * tags then unlist(KEYS[#KEYS]) end
        return 1
        """;
}
