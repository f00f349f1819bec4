using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

using Holdfast.Grains;

namespace Holdfast.WebFront;

/// <summary>Writes and reads the JSON of the wire: compact, text as it is.</summary>
internal static class WireJson
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JsonText.Encoder };

    /// <summary>Deepest nesting that is taken in: what is wrapped around it on its way out stays within the 64 levels that many parsers stop at.</summary>
    public const int MaxDepth = 56;

    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>One object.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A value as compact JSON.</summary>
    public static byte[] Encode(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        value.WriteTo(writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads one value that a stranger sent. What this gives can be read and written without further surprises.</summary>
    /// <exception cref="JsonException">It is not JSON, not UTF-8, nested too deeply, has a name twice, half a surrogate pair, or something behind it.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            throw new JsonException("The text is not UTF-8.");
        }

        if (HasLoneSurrogate(utf8))
        {
            throw new JsonException("A string has half a surrogate pair.");
        }

        return JsonElement.Parse(utf8, Reading);
    }

    /// <summary>JSON allows <c>\ud800</c> without its other half; no UTF-8 text can hold it.</summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> utf8)
    {
        for (var at = utf8.IndexOf((byte)'\\'); at >= 0 && at + 1 < utf8.Length; at = Next(utf8, at))
        {
            if (!TryReadEscape(utf8, at, out var unit))
            {
                at += 2;
                continue;
            }

            at += 6;
            if (char.IsLowSurrogate(unit) || (char.IsHighSurrogate(unit) && !(TryReadEscape(utf8, at, out var low) && char.IsLowSurrogate(low))))
            {
                return true;
            }

            at += char.IsHighSurrogate(unit) ? 6 : 0;
        }

        return false;

        static int Next(ReadOnlySpan<byte> utf8, int from)
        {
            var next = from >= utf8.Length ? -1 : utf8[from..].IndexOf((byte)'\\');
            return next < 0 ? -1 : from + next;
        }
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> utf8, int at, out char unit)
    {
        unit = default;
        if (at + 6 > utf8.Length || utf8[at] != '\\' || utf8[at + 1] != 'u'
            || !ushort.TryParse(utf8.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
