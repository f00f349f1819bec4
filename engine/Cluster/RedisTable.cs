using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Runtime;
using StackExchange.Redis;

namespace Holdfast.Engine;

/// <summary>
/// The table of a cluster in Redis: one hash with a row per silo, one with the register of grains, both in one slot.
/// Every step is one script, so that it happens as a whole, by Redis' own clock.
/// </summary>
internal sealed partial class RedisTable : IClusterTable, IAsyncDisposable
{
    // A silo's row is its status (one digit), the time of its last renewal, and its name. 6 is dead.
    // A silo that nobody listens for any more, and that has missed a renewal, need not be waited for any longer.
    // Silence counts only while Redis was there to hear: when nobody renewed for half a lease, everybody gets that time anew.
    private const string Renew = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local lease, expiry = tonumber(ARGV[4]), tonumber(ARGV[5])
        local beat = tonumber(redis.call('HGET', KEYS[2], 'beat') or '0')
        local grace = tonumber(redis.call('HGET', KEYS[2], 'grace') or '0')
        if now - beat > lease / 2 then grace = now + lease; redis.call('HSET', KEYS[2], 'grace', grace) end
        redis.call('HSET', KEYS[2], 'beat', now)
        local mine = redis.call('HGET', KEYS[1], ARGV[1])
        if not mine or string.sub(mine, 1, 1) ~= '6' then
          redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. '|' .. now .. '|' .. ARGV[2])
        end
        local place = string.match(ARGV[1], '^(.*)@')
        local refusing = {}
        for i = 7, #ARGV do refusing[ARGV[i]] = true end
        local rows = redis.call('HGETALL', KEYS[1])
        local result = { mine and 1 or 0 }
        for i = 1, #rows, 2 do
          local status, last, name = string.match(rows[i + 1], '^(%d)|(%d+)|(.*)$')
          local silent = now - tonumber(last)
          if status == '6' and silent > expiry then
            redis.call('HDEL', KEYS[1], rows[i])
          else
            local patience = refusing[rows[i]] and tonumber(ARGV[6]) or lease
            local replaced = ARGV[3] ~= '6' and string.match(rows[i], '^(.*)@') == place
            if rows[i] ~= ARGV[1] and status ~= '6' and (replaced or (silent > patience and now > grace - lease + patience)) then
              status = '6'
              redis.call('HSET', KEYS[1], rows[i], '6|' .. now .. '|' .. name)
            end
            result[#result + 1] = rows[i]
            result[#result + 1] = status
            result[#result + 1] = name
          end
        end
        return result
        """;

    private const string Read = """
        local rows = redis.call('HGETALL', KEYS[1])
        local result = { 1 }
        for i = 1, #rows, 2 do
          local status, last, name = string.match(rows[i + 1], '^(%d)|(%d+)|(.*)$')
          result[#result + 1] = rows[i]
          result[#result + 1] = status
          result[#result + 1] = name
        end
        return result
        """;

    private const string Claim = """
        local mine = redis.call('HGET', KEYS[1], ARGV[2])
        if not mine or string.sub(mine, 1, 1) == '6' then return '' end
        local owner = redis.call('HGET', KEYS[2], ARGV[1])
        if owner and owner ~= ARGV[2] then
          local row = redis.call('HGET', KEYS[1], owner)
          if row and string.sub(row, 1, 1) ~= '6' then return owner end
        end
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        return ARGV[2]
        """;

    private const string Release = """
        if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
        return 1
        """;

    // Entries of silos that are gone are free, but they take room.
    private const string Sweep = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local calm = now > tonumber(redis.call('HGET', KEYS[3], 'grace') or '0')
        local page = redis.call('HSCAN', KEYS[2], ARGV[1], 'COUNT', 500)
        for i = 1, #page[2], 2 do
          local row = redis.call('HGET', KEYS[1], page[2][i + 1])
          if (row and string.sub(row, 1, 1) == '6') or (not row and calm) then redis.call('HDEL', KEYS[2], page[2][i]) end
        end
        return page[1]
        """;

    private readonly RedisClusteringOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lease;
    private readonly TimeSpan _late;
    private readonly TimeSpan _expiry;
    private readonly RedisKey _silos;
    private readonly RedisKey _grains;
    private readonly RedisKey _meta;
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private Task<(IConnectionMultiplexer Multiplexer, bool IsShared)>? _connecting;
    private long _answeredAt;

    public RedisTable(RedisClusteringOptions options, ClusterOptions cluster, ClusterMembershipOptions membership, TimeProvider time, ILogger<RedisTable> logger)
    {
        (_options, _time, _logger, _answeredAt) = (options, time, logger, time.GetTimestamp());
        _lease = membership.ProbeTimeout * membership.NumMissedProbesLimit;
        _late = TimeSpan.FromTicks(Math.Min(_lease.Ticks, membership.ProbeTimeout.Ticks * 3 / 2));
        _expiry = membership.DefunctSiloExpiration;
        var name = $"{{{options.CreateRedisKey(cluster)}}}";
        (_silos, _grains, _meta) = (name + ":silos", name + ":grains", name + ":meta");
    }

    public TimeSpan? Lease => _lease;

    public void Watch(Action<IReadOnlyList<SiloRow>> changed)
    {
        // Redis is asked once per renewal; it does not speak by itself.
    }

    public void Unwatch(Action<IReadOnlyList<SiloRow>> changed)
    {
        // See Watch.
    }

    public async Task<Renewal> RenewAsync(SiloRow self, IReadOnlyCollection<SiloAddress>? refusing = null)
    {
        RedisValue[] values =
        [
            self.Address.ToParsableString(), self.Name, (int)self.Status, Milliseconds(_lease), Milliseconds(_expiry), Milliseconds(_late),
            .. (refusing ?? []).Select(silo => (RedisValue)silo.ToParsableString()),
        ];
        var result = await RunAsync(Renew, [_silos, _meta], values);
        return new Renewal(Rows(result, out var known), !known);
    }

    public async Task<IReadOnlyList<SiloRow>> ReadAsync() => Rows(await RunAsync(Read, [_silos]), out _);

    public async Task<SiloAddress> ClaimAsync(GrainId grain, SiloAddress silo)
    {
        var owner = (string?)await RunAsync(Claim, [_silos, _grains], grain.ToString(), silo.ToParsableString());
        return string.IsNullOrEmpty(owner)
            ? throw new SiloUnavailableException($"{silo} is not alive in the cluster's table, so it starts no {grain}.")
            : SiloAddress.FromParsableString(owner);
    }

    public Task ReleaseAsync(GrainId grain, SiloAddress silo) => RunAsync(Release, [_grains], grain.ToString(), silo.ToParsableString());

    public async Task SweepAsync()
    {
        var cursor = "0";
        do
        {
            cursor = (string?)await RunAsync(Sweep, [_silos, _grains, _meta], cursor) ?? "0";
        }
        while (cursor != "0");
    }

    public async ValueTask DisposeAsync()
    {
        if (_connecting is { IsCompletedSuccessfully: true } && await _connecting is { IsShared: false } connected)
        {
            connected.Multiplexer.Dispose();
        }
    }

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static List<SiloRow> Rows(RedisResult result, out bool known)
    {
        var parts = (RedisResult[]?)result ?? [];
        known = (int)parts[0] == 1;
        var rows = new List<SiloRow>();
        for (var i = 1; i < parts.Length; i += 3)
        {
            rows.Add(new SiloRow(
                SiloAddress.FromParsableString((string?)parts[i] ?? ""),
                (string?)parts[i + 2] ?? "",
                (SiloStatus)int.Parse((string?)parts[i + 1] ?? "", CultureInfo.InvariantCulture)));
        }

        return rows;
    }

    // Every script may be run twice: on a connection that was replaced its outcome is unknown.
    private async Task<RedisResult> RunAsync(string script, RedisKey[] keys, params RedisValue[] values)
    {
        var connecting = ConnectedAsync();
        try
        {
            return await RunAsync(connecting, script, keys, values);
        }
        catch (Exception e) when (e is (RedisException and not RedisServerException) or TimeoutException or ObjectDisposedException && Replaced(connecting))
        {
            return await RunAsync(ConnectedAsync(), script, keys, values);
        }
    }

    // The client waits for a lost connection to come back, without an end: the table has one.
    private async Task<RedisResult> RunAsync(
        Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> connecting, string script, RedisKey[] keys, RedisValue[] values)
    {
        var connected = await connecting.WaitAsync(_lease, _time);
        var result = await connected.Multiplexer.GetDatabase().ScriptEvaluateAsync(script, keys, values).WaitAsync(_lease, _time);
        Volatile.Write(ref _answeredAt, _time.GetTimestamp());
        return result;
    }

    private Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> ConnectedAsync()
    {
        lock (_gate)
        {
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _connecting = _options.CreateMultiplexer(_options);
            }

            return _connecting;
        }
    }

    // The client connects again by itself, but after cuts at unlucky moments it has been seen not to, for ever. Half a lease without an answer
    // leaves time for a new connection before the silo counts as dead.
    private bool Replaced(Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> connecting)
    {
        lock (_gate)
        {
            if (_connecting != connecting)
            {
                return true;
            }

            var now = _time.GetTimestamp();
            if (connecting is not { IsCompletedSuccessfully: true, Result.IsShared: false } || _time.GetElapsedTime(Volatile.Read(ref _answeredAt), now) < _lease / 2)
            {
                return false;
            }

            // As long again for the next one.
            Volatile.Write(ref _answeredAt, now);
            _connecting = null;
        }

        LogReplaced(_logger, _lease / 2);
        _ = Task.Run(connecting.Result.Multiplexer.Dispose);
        return true;
    }
}
