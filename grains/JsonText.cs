using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Holdfast.Grains;

/// <summary>
/// The one way in which JSON is written, in the log and on the wire: text as it is in UTF-8, wherever JSON allows it. What has to be escaped is, and
/// beside it what line readers may take for the end of a line. The framework's own encoders write everything beyond the BMP as twelve bytes.
/// </summary>
/// <remarks>For JSON that is JSON: nothing of this is ever put into a page, where <c>&lt;</c> and <c>&amp;</c> would have a meaning.</remarks>
public static class JsonText
{
    /// <summary>For every writer and serialiser.</summary>
    public static JavaScriptEncoder Encoder { get; } = new AsItIs();

    private sealed unsafe class AsItIs : JavaScriptEncoder
    {
        /// <summary>Knows how to find and to write what JSON escapes; it escapes more than it has to.</summary>
        private static readonly JavaScriptEncoder Strict = UnsafeRelaxedJsonEscaping;

        public override int MaxOutputCharactersPerInputCharacter => Strict.MaxOutputCharactersPerInputCharacter;

        public override bool WillEncode(int unicodeScalar) =>
            unicodeScalar is < 0x20 or '"' or '\\' or (>= 0x7f and <= 0x9f) or 0x2028 or 0x2029;

        public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
            Strict.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);

        public override int FindFirstCharacterToEncode(char* text, int textLength)
        {
            var chars = new ReadOnlySpan<char>(text, textLength);
            for (var at = 0; at < textLength;)
            {
                if (Strict.FindFirstCharacterToEncode(text + at, textLength - at) is not (>= 0 and var found))
                {
                    return -1;
                }

                at += found;
                if (Rune.DecodeFromUtf16(chars[at..], out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
                {
                    return at;
                }

                at += length;
            }

            return -1;
        }

        public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
        {
            for (var at = 0; at < utf8Text.Length;)
            {
                if (Strict.FindFirstCharacterToEncodeUtf8(utf8Text[at..]) is not (>= 0 and var found))
                {
                    return -1;
                }

                at += found;
                if (Rune.DecodeFromUtf8(utf8Text[at..], out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
                {
                    return at;
                }

                at += length;
            }

            return -1;
        }
    }
}
