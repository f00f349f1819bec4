namespace Holdfast.WebFront.Feeds;

/// <summary>
/// Events for one viewer, ready to be sent: each behind its length in the layout of an RFC 6455 text frame, merged ones among them where the
/// viewer asked for it.
/// </summary>
/// <param name="Last">Number of the last event in it; the slice covers all from the one asked for up to here.</param>
/// <param name="Messages">How many frames.</param>
/// <param name="Frames">The frames.</param>
internal readonly record struct FeedSlice(long Last, int Messages, ReadOnlyMemory<byte> Frames);
