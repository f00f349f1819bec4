using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Feeds;

/// <summary>
/// Merges consecutive <c>token</c> events of one channel into one, for viewers who are behind and asked for it. The merged event has <c>seq</c> and
/// <c>ts</c> of the last and <c>seq_from</c> of the first.
/// </summary>
/// <remarks>
/// Never across the latest checkpoint nor across a <c>supersedes_after</c> in the log, so that every such place, past or to come, falls between
/// two of the events that a client was given. The text is joined as JSON: neither escapes nor characters are touched.
/// </remarks>
internal static class Compaction
{
    private static ReadOnlySpan<byte> TokenStart => "{\"type\":\"token\","u8;

    private static ReadOnlySpan<byte> SeqStart => "\"seq\":"u8;

    private static ReadOnlySpan<byte> ChannelStart => ",\"data\":{\"channel\":\""u8;

    private static ReadOnlySpan<byte> DeltaStart => "\",\"delta\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}}"u8;

    /// <summary>Merges a run, all of which is at or before <paramref name="position"/>.</summary>
    /// <param name="run">The events.</param>
    /// <param name="position">Where the log stands: its checkpoint and cuts.</param>
    /// <param name="largest">A merged event is at most so many bytes.</param>
    public static FeedSlice Merge(RecordRun run, FeedPosition position, int largest)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(256, run.Bytes.Length / 2));
        var borders = new Borders(position);
        var open = default(Open);
        var messages = 0;
        foreach (var (seq, bytes) in run)
        {
            var token = Token.TryRead(bytes, out var read) ? read : (Token?)null;
            if (open.IsOpen && (token is null || !open.Takes(token.Value, seq, largest, borders)))
            {
                open.Close(output);
                messages++;
            }

            if (token is { } one)
            {
                open.Add(one, seq);
            }
            else
            {
                RecordFrame.Write(output, bytes.Span);
                messages++;
            }
        }

        if (open.IsOpen)
        {
            open.Close(output);
            messages++;
        }

        return new FeedSlice(run.First, run.Last, messages, output.WrittenMemory);
    }

    /// <summary>Places between two events across which nothing is merged.</summary>
    private readonly struct Borders(FeedPosition position)
    {
        /// <summary>True when <paramref name="first"/> and <paramref name="last"/> lie on different sides of a border, or where borders were forgotten.</summary>
        public bool Between(long first, long last)
        {
            if (first <= position.CutsDroppedUpTo || (first <= position.Checkpoint && position.Checkpoint < last))
            {
                return true;
            }

            // The first cut at or after the first event: a border if it is before the last.
            var at = Array.BinarySearch(position.Cuts, first);
            at = at < 0 ? ~at : at;
            return at < position.Cuts.Length && position.Cuts[at] < last;
        }
    }

    /// <summary>A token event taken apart, as its encoder wrote it; anything else is left alone.</summary>
    private readonly record struct Token(ReadOnlyMemory<byte> Event, int SeqAt, int SeqLength, int DataAt, int DeltaAt)
    {
        public ReadOnlySpan<byte> Channel => Event.Span[(DataAt + ChannelStart.Length)..(DeltaAt - DeltaStart.Length)];

        public ReadOnlySpan<byte> Delta => Event.Span[DeltaAt..^End.Length];

        public static bool TryRead(ReadOnlyMemory<byte> bytes, out Token token)
        {
            token = default;
            var span = bytes.Span;
            if (!span.StartsWith(TokenStart) || !span.EndsWith(End))
            {
                return false;
            }

            var seqAt = span.IndexOf(SeqStart) + SeqStart.Length;
            if (!Utf8Parser.TryParse(span[seqAt..], out long _, out var seqLength))
            {
                return false;
            }

            var data = span[seqAt..].IndexOf(ChannelStart);
            if (data < 0)
            {
                return false;
            }

            data += seqAt;
            var delta = span[data..].IndexOf(DeltaStart);
            if (delta < 0)
            {
                return false;
            }

            token = new Token(bytes, seqAt, seqLength, data, data + delta + DeltaStart.Length);
            return true;
        }
    }

    /// <summary>The merged event that is being made.</summary>
    private struct Open
    {
        private List<Token>? _tokens;
        private long _from;
        private int _size;

        public readonly bool IsOpen => _tokens is { Count: > 0 };

        public readonly bool Takes(Token token, long seq, int largest, Borders borders) =>
            _tokens![0].Channel.SequenceEqual(token.Channel) && _size + token.Delta.Length <= largest && !borders.Between(_from, seq);

        public void Add(Token token, long seq)
        {
            _tokens ??= [];
            if (_tokens.Count == 0)
            {
                // Room for what is around the text, with the two numbers at their longest.
                (_from, _size) = (seq, token.Event.Length + 64);
            }
            else
            {
                _size += token.Delta.Length;
            }

            _tokens.Add(token);
        }

        public readonly void Close(ArrayBufferWriter<byte> output)
        {
            var last = _tokens![^1];
            if (_tokens.Count == 1)
            {
                RecordFrame.Write(output, last.Event.Span);
                _tokens.Clear();
                return;
            }

            // All of the last event up to its text, with seq_from behind its number; then every text; then its end.
            var span = last.Event.Span;
            var numberEnd = last.SeqAt + last.SeqLength;
            Span<byte> from = stackalloc byte[32];
            ",\"seq_from\":"u8.CopyTo(from);
            _from.TryFormat(from[12..], out var digits, default, CultureInfo.InvariantCulture);
            from = from[..(12 + digits)];
            var length = last.DeltaAt + from.Length + End.Length;
            foreach (var token in _tokens)
            {
                length += token.Delta.Length;
            }

            var target = output.GetSpan(RecordFrame.MaxHeader + length);
            var at = RecordFrame.WriteHeader(target, length);
            at += Put(target[at..], span[..numberEnd]);
            at += Put(target[at..], from);
            at += Put(target[at..], span[numberEnd..last.DeltaAt]);
            foreach (var token in _tokens)
            {
                at += Put(target[at..], token.Delta);
            }

            at += Put(target[at..], End);
            output.Advance(at);
            _tokens.Clear();
        }

        private static int Put(Span<byte> target, ReadOnlySpan<byte> source)
        {
            source.CopyTo(target);
            return source.Length;
        }
    }
}
