using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Grains.Events;

/// <summary>How events are written: snake_case, compact, text as it is (the bytes are JSON, never part of a page).</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenData))]
[JsonSerializable(typeof(ItemData))]
[JsonSerializable(typeof(BatchData))]
[JsonSerializable(typeof(ArtifactData))]
[JsonSerializable(typeof(DebugData))]
[JsonSerializable(typeof(Progress))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class EventJson : JsonSerializerContext
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JsonText.Encoder, SkipValidation = true };

    /// <summary>A buffer that grew beyond this is not kept.</summary>
    private const int KeptBuffer = 64 << 10;

    [ThreadStatic]
    private static Scratch? t_scratch;

    /// <summary>Encodes a value as compact JSON in UTF-8.</summary>
    public static byte[] Encode<T>(T value, JsonTypeInfo<T> type)
    {
        // A writer wants 4 KiB at once, twenty times what most events need: each thread keeps one.
        var scratch = t_scratch ?? new Scratch();
        t_scratch = null;
        JsonSerializer.Serialize(scratch.Writer, value, type);
        scratch.Writer.Flush();
        var bytes = scratch.Buffer.WrittenSpan.ToArray();
        if (scratch.Buffer.Capacity <= KeptBuffer)
        {
            scratch.Reset();
            t_scratch = scratch;
        }

        return bytes;
    }

    private sealed class Scratch
    {
        public Scratch() => Writer = new Utf8JsonWriter(Buffer, Writing);

        public System.Buffers.ArrayBufferWriter<byte> Buffer { get; } = new();

        public Utf8JsonWriter Writer { get; }

        public void Reset()
        {
            Buffer.ResetWrittenCount();
            Writer.Reset();
        }
    }
}
