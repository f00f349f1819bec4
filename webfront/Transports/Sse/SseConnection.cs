using System.IO.Pipelines;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.Sse;

/// <summary>A viewer's event stream. Everything that leaves goes through the connection's one loop.</summary>
internal sealed class SseConnection : ViewerConnection
{
    private readonly HttpContext _http;
    private readonly PipeWriter _output;
    private long _sentAt;
    private bool _commentDue;

    public SseConnection(FrontContext front, ViewerRequest request, HttpContext http)
        : base(front, request, "sse")
    {
        (_http, _output) = (http, http.Response.BodyWriter);
        _sentAt = front.Clock.GetTimestamp();
        SseFormat.Retry(_output, front.Options.SseRetry);
    }

    /// <summary>Serves the stream to its end, which is at once when the peer goes: nothing is read here that would show it.</summary>
    public async Task ServeStreamAsync()
    {
        await using var gone = _http.RequestAborted.UnsafeRegister(static connection => ((SseConnection)connection!).End(Gone), this);
        await RunAsync(_http.RequestAborted);
    }

    /// <inheritdoc/>
    public override void Tick()
    {
        base.Tick();
        if (Front.Clock.GetElapsedTime(Volatile.Read(ref _sentAt)) >= Front.Options.SseComment)
        {
            Volatile.Write(ref _commentDue, true);
            Wake();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask SendControlAsync(ControlMessage message)
    {
        SseFormat.Control(_output, message);
        await FlushIfLargeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async ValueTask SendEventsAsync(FeedSlice slice, string epoch)
    {
        SseFormat.Events(_output, slice, epoch);
        await FlushIfLargeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override ValueTask SendGatheredAsync()
    {
        if (!Volatile.Read(ref _commentDue))
        {
            return ValueTask.CompletedTask;
        }

        Volatile.Write(ref _commentDue, false);
        SseFormat.Comment(_output);
        return FlushAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask FlushAsync()
    {
        if (_output.CanGetUnflushedBytes && _output.UnflushedBytes == 0)
        {
            return;
        }

        Volatile.Write(ref _sentAt, Front.Clock.GetTimestamp());
        await _output.FlushAsync(_http.RequestAborted).ConfigureAwait(false);
        _http.RequestAborted.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    protected override async ValueTask FinishAsync(ViewerEnd end)
    {
        if (end.Silent)
        {
            return;
        }

        SseFormat.Goodbye(_output, end, Paths.Asked(_http.Request));
        using var limit = new CancellationTokenSource(Patience(end), Front.Clock);
        await FlushAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Cut() => _http.Abort();

    private ValueTask FlushIfLargeAsync() => _output.UnflushedBytes >= Front.Options.WriteBytes ? FlushAsync() : ValueTask.CompletedTask;
}
