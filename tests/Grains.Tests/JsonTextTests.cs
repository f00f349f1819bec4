using System.Text;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests;

public sealed class JsonTextTests
{
    private static readonly JsonSerializerOptions Written = new() { Encoder = JsonText.Encoder };

    /// <summary>All of Unicode, with something before and behind each character.</summary>
    private static IEnumerable<Rune> AllOfUnicode => Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value));

    [Fact]
    public void EveryCharacter_IsWrittenAsItIs_UnlessJsonOrALineReaderCouldNotBearIt()
    {
        var wrong = AllOfUnicode.Where(rune => IsEscaped(rune)
            ? Encode($"a{rune}b").Contains(rune.ToString() + "b", StringComparison.Ordinal) && rune.Value is not ('"' or '\\')
            : Encode($"a{rune}b") != $"\"a{rune}b\"");
        Assert.Empty(wrong.Take(20).Select(rune => $"U+{rune.Value:X}: {Encode($"a{rune}b")}"));
    }

    [Fact]
    public void ATextOfEverything_ComesBackAsItWas_FromCharactersAndFromBytes()
    {
        var text = string.Concat(AllOfUnicode.Select(rune => $"{rune}😀"));
        Assert.Equal(text, JsonElement.Parse(Encode(text)).GetString());

        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Encoder });
        writer.WriteStringValue(Encoding.UTF8.GetBytes(text));
        writer.Flush();
        Assert.Equal(Encode(text), Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Fact]
    public void HalfACharacter_BecomesTheReplacement_AsEverywhere()
    {
        Assert.Equal("\"a\uFFFDb😀\"", Encode("a\ud83db😀"));
        Assert.Equal("\"\uFFFD\"", Encode("\ude00"));
    }

    [Fact]
    public void TokensOfEmoji_TakeFourBytesEach()
    {
        var draft = EventDraft.Token("main", string.Concat(Enumerable.Repeat("😀", 1000)));
        Assert.InRange(draft.Data.Length, 4000, 4100);
    }

    [Fact]
    public void AHead_KeepsItsTextAsItIs()
    {
        var head = new TaskHead { Kind = "k", Owner = "o", MaxAttempts = 1, RequestDigest = "", CreatedAt = DateTimeOffset.UnixEpoch, Labels = new() { ["wer"] = "Ünal 用户 😀" } };
        Assert.Contains("Ünal 用户 😀", Encoding.UTF8.GetString(head.ToBytes()), StringComparison.Ordinal);
        Assert.Equal("Ünal 用户 😀", TaskHead.Parse(head.ToBytes()).Labels["wer"]);
    }

    private static bool IsEscaped(Rune rune) => rune.Value is < 0x20 or '"' or '\\' or (>= 0x7f and <= 0x9f) or 0x2028 or 0x2029;

    private static string Encode(string text) => Encode(text, Written);

    private static string Encode(string text, JsonSerializerOptions options) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(text, options));
}
