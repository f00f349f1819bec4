using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>One life of a silo: where it listens, and a number that no earlier life there had.</summary>
[Immutable]
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>
{
    private static int s_last;

    private static readonly DateTime Epoch = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>No silo.</summary>
    public static SiloAddress Zero { get; } = new(new IPEndPoint(IPAddress.Any, 0), 0);

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Which life.</summary>
    public int Generation { get; }

    /// <summary>From its parts.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>From its parts.</summary>
    public static SiloAddress New(IPAddress address, int port, int generation) => new(new IPEndPoint(address, port), generation);

    /// <summary>Quarters of a second since a fixed day: a later life has a larger number, also within one process.</summary>
    public static int AllocateNewGeneration()
    {
        var now = (int)((TimeProvider.System.GetUtcNow().UtcDateTime - Epoch).Ticks / (TimeSpan.TicksPerSecond / 4));
        int last, next;
        do
        {
            last = s_last;
            next = Math.Max(now, last + 1);
        }
        while (Interlocked.CompareExchange(ref s_last, next, last) != last);
        return next;
    }

    /// <summary>Reads what <see cref="ToParsableString"/> writes.</summary>
    public static SiloAddress FromParsableString(string addr)
    {
        var at = addr.LastIndexOf('@');
        return at > 0 && IPEndPoint.TryParse(addr.AsSpan(0, at), out var endpoint) && int.TryParse(addr.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation)
            ? new SiloAddress(endpoint, generation)
            : throw new FormatException($"'{addr}' is no silo address.");
    }

    /// <summary>A text that <see cref="FromParsableString"/> reads.</summary>
    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint}@{Generation}");

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <inheritdoc/>
    public int CompareTo(SiloAddress? other) => other is null ? 1 : string.CompareOrdinal(ToParsableString(), other.ToParsableString());

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"S{Endpoint}:{Generation}");
}
