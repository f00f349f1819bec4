using System.Globalization;

using FsCheck;
using FsCheck.Fluent;

namespace Holdfast.Grains.Tests.Logs.Contract;

/// <summary>One thing that somebody does to a store. Three logs and three owners are enough to get into each other's way.</summary>
public abstract record LogCommand
{
    private const int Logs = 3;
    private const int Owners = 3;

    public sealed record Create(int Log, int Value) : LogCommand;

    public sealed record Open(int Owner, int Log) : LogCommand;

    /// <summary>Off is by how much the owner is wrong about the last record; most are right.</summary>
    public sealed record Append(int Owner, int Log, int Records, int Off, bool Keys, int? Head, int? Value, bool Blob, bool Seal) : LogCommand;

    public sealed record Delete(int Log) : LogCommand;

    public sealed record Read(int Log, int After, int Records, int Bytes) : LogCommand;

    public sealed record List(int? Value, int? Odd, int Limit, bool OldestFirst) : LogCommand;

    public static Arbitrary<LogCommand[]> Sequences => Arb.From(Any.ArrayOf(), Smaller);

    private static Gen<LogCommand> Any => Gen.Frequency(
        (3, from log in Gen.Choose(0, Logs - 1) from value in Gen.Choose(0, 5) select (LogCommand)new Create(log, value)),
        (4, from owner in Gen.Choose(0, Owners - 1) from log in Gen.Choose(0, Logs - 1) select (LogCommand)new Open(owner, log)),
        (12, Appends),
        (1, Gen.Choose(0, Logs - 1).Select(log => (LogCommand)new Delete(log))),
        (4, from log in Gen.Choose(0, Logs - 1)
            from after in Gen.Choose(0, 20)
            from records in Gen.Choose(1, 8)
            from bytes in Gen.Choose(1, 80)
            select (LogCommand)new Read(log, after, records, bytes)),
        (2, from value in Optional(5)
            from odd in Optional(1)
            from limit in Gen.Choose(1, 4)
            from order in Gen.Choose(0, 1)
            select (LogCommand)new List(value, odd, limit, order == 1)));

    private static Gen<LogCommand> Appends =>
        from owner in Gen.Choose(0, Owners - 1)
        from log in Gen.Choose(0, Logs - 1)
        from records in Gen.Choose(0, 4)
        from off in Gen.Frequency((9, Gen.Constant(0)), (1, Gen.Choose(-1, 2)))
        from keys in Gen.Choose(0, 3)
        from head in Optional(100)
        from value in Gen.Frequency((3, Gen.Constant(default(int?))), (1, Optional(5)))
        from blob in Gen.Choose(0, 5)
        from seal in Gen.Choose(0, 20)
        select (LogCommand)new Append(owner, log, records, off, keys == 0, head, value, blob == 0, seal == 0);

    private static Gen<int?> Optional(int highest) => Gen.Frequency((1, Gen.Constant(default(int?))), (1, Gen.Choose(0, highest).Select(value => (int?)value)));

    // Leave out a half, a quarter, …, one.
    private static IEnumerable<LogCommand[]> Smaller(LogCommand[] commands)
    {
        for (var size = commands.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= commands.Length; at += size)
            {
                yield return [.. commands[..at], .. commands[(at + size)..]];
            }
        }
    }
}

/// <summary>What a log is, written down as plainly as can be: the model that stores are compared with.</summary>
public sealed class ModelLog(string id, string head, int value)
{
    public string Id { get; } = id;

    public List<string> Records { get; } = [];

    public Dictionary<long, string> Keys { get; } = [];

    public Dictionary<string, string> Tags { get; private set; } = TagsOf(value);

    public string Head { get; set; } = head;

    public string? Blob { get; set; }

    public bool Sealed { get; set; }

    /// <summary>The fence that somebody holds, or null.</summary>
    public long? Fence { get; set; }

    public void SetTags(int value) => Tags = TagsOf(value);

    private static Dictionary<string, string> TagsOf(int value) => new(StringComparer.Ordinal)
    {
        ["value"] = value.ToString(CultureInfo.InvariantCulture),
        ["odd"] = (value % 2).ToString(CultureInfo.InvariantCulture),
    };
}
