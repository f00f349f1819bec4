using StackExchange.Redis;

namespace Holdfast.Grains.Logs;

/// <summary>How the Redis log store is set up.</summary>
public sealed class RedisLogOptions
{
    /// <summary>
    /// Where Redis is, in StackExchange.Redis' form: <c>127.0.0.1:6379,password=…</c>. Redis must be durable (<c>appendonly yes</c>,
    /// <c>appendfsync always</c>) for "visible means durable" to hold through its own crashes. Default: <c>127.0.0.1:6379</c>.
    /// </summary>
    public string Configuration { get; set; } = "127.0.0.1:6379";

    /// <summary>In front of all keys, so that several clusters can share one Redis. Default: <c>holdfast</c>.</summary>
    public string Prefix { get; set; } = "holdfast";

    /// <summary>
    /// How long an operation may take before its outcome counts as unknown. Smaller: a hung Redis is noticed sooner; larger: slow ones are waited
    /// for. Default: 3 s.
    /// </summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A connection that has given no answer for so long is replaced by a new one. Smaller: sooner back after a cut that the driver does not recover
    /// from; larger: fewer connections while Redis is away. Default: 10 s.
    /// </summary>
    public TimeSpan ReplaceAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Logs whose last stored record this process remembers, to notice records that Redis has lost. Default: 100,000.</summary>
    public int Remembered { get; set; } = 100_000;

    internal ConfigurationOptions Parse()
    {
        try
        {
            var options = ConfigurationOptions.Parse(Configuration);
            options.AbortOnConnectFail = false;
            return options;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new LogStoreSetupException($"{nameof(RedisLogOptions)}.{nameof(Configuration)} can't be read: use host:port,password=….", e);
        }
    }

    internal void Validate()
    {
        if (Prefix.Length == 0 || Prefix.AsSpan().ContainsAny('{', '}'))
        {
            throw new LogStoreSetupException($"{nameof(RedisLogOptions)}.{nameof(Prefix)} has at least one character and no braces.");
        }

        if (ReplaceAfter <= TimeSpan.Zero)
        {
            throw new LogStoreSetupException($"{nameof(RedisLogOptions)}.{nameof(ReplaceAfter)} is longer than nothing.");
        }

        if (OperationTimeout <= TimeSpan.Zero)
        {
            throw new LogStoreSetupException($"{nameof(RedisLogOptions)}.{nameof(OperationTimeout)} is longer than nothing.");
        }
    }
}
