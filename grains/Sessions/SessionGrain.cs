using Holdfast.Grains.Setup;
using Holdfast.Grains.Tasks;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Sessions;

/// <inheritdoc cref="ISessionGrain"/>
[GrainType("holdfast.session")]
internal sealed partial class SessionGrain(
    IOptions<SessionLeaseOptions> options, TimeProvider clock, ILogger<SessionGrain> logger) : Grain, ISessionGrain
{
    private readonly SteadyTime _time = new(clock);
    private SessionAttachment? _attachment;
    private SessionQuality _quality = SessionQuality.None;
    private DateTimeOffset _touchedAt;
    private DateTimeOffset? _graceEnds;
    private int _reconnects;
    private int? _lastCloseCode;

    /// <inheritdoc/>
    public async Task<SessionAttached> AttachAsync(SessionAttachment attachment, bool resume)
    {
        if (resume && !IsResumable(attachment))
        {
            return new SessionAttached(false, false, 0, null);
        }

        var before = _attachment;
        if (before is not null && before.Connection != attachment.Connection)
        {
            _reconnects++;
            if (_graceEnds is null)
            {
                _lastCloseCode = CloseCodes.TakenOver;
                _ = EndConnectionAsync(before, CloseCodes.TakenOver);
            }

            if (before.Front != attachment.Front)
            {
                await TaskOf(before).LeaveAsync(before.Front, Id);
            }
        }

        await TakeAsync(attachment);
        return new SessionAttached(true, before is not null, _reconnects, _lastCloseCode);
    }

    /// <inheritdoc/>
    public async Task<bool> TouchAsync(SessionAttachment attachment, SessionQuality quality)
    {
        if (_attachment is not null && _attachment.Connection != attachment.Connection)
        {
            return false;
        }

        _quality = quality;
        if (_attachment is null || _graceEnds is not null)
        {
            await TakeAsync(attachment);
        }

        _touchedAt = _time.Now;
        DelayDeactivation(options.Value.Grace + options.Value.Silence);
        return true;
    }

    /// <inheritdoc/>
    public async Task DetachAsync(string connection, int closeCode)
    {
        if (_attachment?.Connection != connection || _graceEnds is not null)
        {
            return;
        }

        _lastCloseCode = closeCode;
        _graceEnds = _time.Now + options.Value.Grace;
        DelayDeactivation(options.Value.Grace);
        await TaskOf(_attachment).LeaveAsync(_attachment.Front, Id);
    }

    /// <inheritdoc/>
    public async Task<bool> EndAsync()
    {
        if (_attachment is not { } attachment || IsGone)
        {
            return false;
        }

        if (_graceEnds is null)
        {
            _ = EndConnectionAsync(attachment, CloseCodes.Normal);
            await TaskOf(attachment).LeaveAsync(attachment.Front, Id);
        }

        // A later session of this id is a new one.
        (_attachment, _graceEnds, _quality, _reconnects, _lastCloseCode) = (null, null, SessionQuality.None, 0, null);
        return true;
    }

    /// <inheritdoc/>
    public Task<SessionView?> GetAsync()
    {
        if (_attachment is not { } attachment || IsGone)
        {
            return Task.FromResult<SessionView?>(null);
        }

        return Task.FromResult<SessionView?>(new SessionView(Id, attachment, IsConnected, _quality, _reconnects, _lastCloseCode));
    }

    private string Id => this.GetPrimaryKeyString();

    /// <summary>A front that has not touched its session for so long is gone without a goodbye.</summary>
    private bool IsConnected => _graceEnds is null && _time.Now - _touchedAt < options.Value.Silence;

    private bool IsGone => _time.Now >= (_graceEnds ?? _touchedAt + options.Value.Silence + options.Value.Grace);

    private bool IsResumable(SessionAttachment attachment) =>
        _attachment is { } mine && mine.TaskId == attachment.TaskId && mine.Principal == attachment.Principal && !IsGone;

    private ITaskGrain TaskOf(SessionAttachment attachment) => GrainFactory.GetGrain<ITaskGrain>(attachment.TaskId);

    private async Task TakeAsync(SessionAttachment attachment)
    {
        (_attachment, _graceEnds, _touchedAt) = (attachment, null, _time.Now);
        DelayDeactivation(options.Value.Grace + options.Value.Silence);
        await TaskOf(attachment).JoinAsync(attachment.Front, Id);
    }

    private async Task EndConnectionAsync(SessionAttachment attachment, int closeCode)
    {
        try
        {
            await GrainFactory.GetGrain<ISessionHost>(attachment.Front).EndSessionAsync(Id, attachment.Connection, closeCode);
        }
        catch (Exception e)
        {
            // That front may be gone; its connection then is, too.
            FrontUnreachable(logger, Id, attachment.Front, e);
        }
    }
}

/// <summary>Times of sessions.</summary>
[Section("Sessions")]
public sealed class SessionLeaseOptions
{
    /// <summary>
    /// How long a session may be resumed after its connection went. Smaller: less memory for those who never come back; larger: longer ways through
    /// tunnels keep their session. Default: 60 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A session that its front has not touched for so long has lost its connection; several of <c>Front:SessionTouch</c>. Smaller: sessions of a
    /// dead front are seen to be gone sooner; larger: pauses of fronts are forgiven. Default: 30 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(30);
}
