using System.Collections.Immutable;

namespace Holdfast.Engine.Tests.Codec;

[GenerateSerializer, Alias("test.Colour")]
public enum Colour : byte
{
    Red,
    Green,
    Blue = 200,
}

[GenerateSerializer, Alias("test.Point")]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int? Y);

[GenerateSerializer, Immutable, Alias("test.Frozen")]
public sealed record Frozen([property: Id(0)] string Name, [property: Id(1)] ReadOnlyMemory<byte> Bytes);

[GenerateSerializer, Alias("test.Everything")]
public sealed record Everything(
    [property: Id(0)] bool Flag,
    [property: Id(1)] byte Small,
    [property: Id(2)] int Number,
    [property: Id(3)] long Large,
    [property: Id(4)] ulong Huge,
    [property: Id(5)] double Real,
    [property: Id(6)] decimal Money,
    [property: Id(7)] char Letter,
    [property: Id(8)] string? Text,
    [property: Id(9)] Guid Guid,
    [property: Id(10)] DateTimeOffset When,
    [property: Id(11)] TimeSpan Span,
    [property: Id(12)] Colour Colour,
    [property: Id(13)] Point Point,
    [property: Id(14)] List<string?>? Names,
    [property: Id(15)] Dictionary<string, TimeSpan?>? Times,
    [property: Id(16)] ImmutableArray<int> Numbers,
    [property: Id(17)] byte[]? Raw,
    [property: Id(18)] (int, string)? Pair,
    [property: Id(19)] float Single,
    [property: Id(300)] Everything? Next);

[GenerateSerializer, Alias("test.WithInit")]
public sealed class WithInit
{
    [Id(0)]
    public int Limit { get; init; } = 5;

    [Id(1)]
    public List<int>? Items { get; set; } = [1];

    [Id(2)]
    public required string Name { get; init; }

    [NonSerialized]
    private int _cached;

    public int Cached => _cached++;
}

[GenerateSerializer, Alias("test.GetOnly")]
public readonly struct GetOnly(int number, string text)
{
    [Id(0)]
    public int Number { get; } = number;

    [Id(1)]
    public string Text { get; } = text;
}

[GenerateSerializer, Alias("test.Shape")]
public abstract record Shape([property: Id(0)] string Name);

[GenerateSerializer, Alias("test.Circle")]
public sealed record Circle(string Name, [property: Id(0)] double Radius) : Shape(Name);

[GenerateSerializer, Alias("test.Group")]
public record Group(string Name, [property: Id(0)] List<Shape> Members) : Shape(Name);

[GenerateSerializer, Alias("test.Named")]
public sealed record NamedGroup(string Name, List<Shape> Members, [property: Id(0)] int Level) : Group(Name, Members);

public sealed record Unmarked(string Name) : Shape(Name);

[GenerateSerializer, Alias("test.Old")]
public sealed record Old([property: Id(0)] int Kept, [property: Id(5)] string? AddedLater);

[GenerateSerializer, Alias("test.New")]
public sealed record New(
    [property: Id(0)] int Kept,
    [property: Id(1)] List<Point>? Lists,
    [property: Id(2)] Shape? Shape,
    [property: Id(3)] double Real,
    [property: Id(4)] Dictionary<int, Frozen>? Map,
    [property: Id(5)] string? AddedLater,
    [property: Id(6)] float Single);

[GenerateSerializer, Alias("test.Loop")]
public sealed class Loop
{
    [Id(0)]
    public Loop? Next { get; set; }
}

[GenerateSerializer, Alias("test.MarkedException")]
public sealed class MarkedException(string message, int code) : Exception(message)
{
    [Id(0)]
    public int Code { get; } = code;
}

public sealed class UnmarkedException(string message) : Exception(message);
