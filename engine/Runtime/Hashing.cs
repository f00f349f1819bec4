namespace Holdfast.Engine;

/// <summary>A hash that is the same in every process: FNV-1a with the finaliser of MurmurHash3 (both public domain).</summary>
internal static class Hashing
{
    public static ulong Of(ReadOnlySpan<byte> bytes) => Mix(Add(14695981039346656037, bytes));

    /// <summary>The hash of two byte strings after each other.</summary>
    public static ulong Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Mix(Add(Add(14695981039346656037, first), second));

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            hash = (hash ^ next) * 1099511628211;
        }

        return hash;
    }

    /// <summary>Spreads a number over all its bits.</summary>
    public static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
