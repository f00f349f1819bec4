using Holdfast.Grains.Setup;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>How the Redis log store is set up. In Holdfast's own hosts <c>Cluster:Redis</c> and <c>Cluster:Name</c> decide where it is.</summary>
[Section("Redis")]
public sealed class RedisLogOptions : ICheckedOptions
{
    /// <summary>
    /// Where Redis is, in StackExchange.Redis' form: <c>127.0.0.1:6379,password=…</c>. Redis must be durable (<c>appendonly yes</c>,
    /// <c>appendfsync always</c>) for "visible means durable" to hold through its own crashes. Default: <c>Cluster:Redis</c>, or <c>127.0.0.1:6379</c>.
    /// </summary>
    public string Configuration { get; set; } = "127.0.0.1:6379";

    /// <summary>In front of all keys, so that several clusters can share one Redis. Default: <c>Cluster:Name</c>, or <c>holdfast</c>.</summary>
    [Bounds(1)]
    public string Prefix { get; set; } = "holdfast";

    /// <summary>
    /// How long an operation may take before its outcome counts as unknown. Smaller: a hung Redis is noticed sooner; larger: slow ones are waited
    /// for. Default: 3 s.
    /// </summary>
    [Bounds("00:00:00.001")]
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Appends that go to Redis in one piece at most; while one piece is on its way, the next gathers. Smaller: answers come in smaller bursts; larger:
    /// fewer flushes of Redis under load. Default: 1,000.
    /// </summary>
    [Bounds(1)]
    public int MaxGroup { get; set; } = 1000;

    /// <summary>
    /// Logs whose last stored record this process remembers, to notice records that Redis has lost. Smaller: less memory; larger: a loss is noticed
    /// in more logs than the newest. Default: 100,000.
    /// </summary>
    [Bounds(1)]
    public int Remembered { get; set; } = 100_000;

    /// <inheritdoc/>
    public IEnumerable<(string Option, string Cure)> Check()
    {
        if (Prefix.AsSpan().ContainsAny('{', '}'))
        {
            yield return (nameof(Prefix), $"is '{Prefix}'; it has no braces, which mean something to Redis");
        }

        if (!RedisAddress.IsReadable(Configuration))
        {
            yield return (nameof(Configuration), RedisAddress.Cure);
        }
    }

    internal ConfigurationOptions Parse()
    {
        var options = RedisAddress.Parse(Configuration);

        // CONFIG GET, which says how Redis persists, counts as administration.
        options.AllowAdmin = true;
        return options;
    }
}

/// <summary>Where a Redis is, in StackExchange.Redis' form. It may hold a password, so no message shows it.</summary>
public static class RedisAddress
{
    /// <summary>What to do with one that can't be read.</summary>
    public const string Cure = "can't be read; it is host:port, then options like password=…, with commas between";

    /// <summary>How to connect to it, without giving up while it is not there.</summary>
    /// <exception cref="ArgumentException">It can't be read; see <see cref="IsReadable"/>.</exception>
    public static ConfigurationOptions Parse(string address)
    {
        var options = ConfigurationOptions.Parse(address);
        options.AbortOnConnectFail = false;
        return options;
    }

    /// <summary>Whether it names a Redis.</summary>
    public static bool IsReadable(string address)
    {
        try
        {
            return ConfigurationOptions.Parse(address).EndPoints.Count > 0;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
