namespace Holdfast.WebFront.Feeds;

/// <summary>
/// Events for one viewer, ready to be sent: each behind its length in the layout of an RFC 6455 text frame, merged ones among them where the
/// viewer asked for it.
/// </summary>
/// <param name="First">Number of the first event in it.</param>
/// <param name="Last">Number of the last event in it; the slice covers all between them.</param>
/// <param name="Messages">How many frames.</param>
/// <param name="Frames">The frames.</param>
internal readonly record struct FeedSlice(long First, long Last, int Messages, ReadOnlyMemory<byte> Frames);
