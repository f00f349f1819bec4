using Holdfast.Grains.Logs.Memory;
using Holdfast.WebFront.Feeds;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>A front's feeds over a store in memory, with limits so small that every one of them is met.</summary>
internal sealed class FeedRig
{
    public FeedRig()
    {
        Reader = new LateReader(Store);
        Pages = new PageCache(Reader, Options.Create(Limits));
        Feeds = new FeedDirectory(new FeedContext("front", Grains.Client, new(), Pages, Limits, Clock, NullLogger.Instance), Reader);
    }

    public FrontOptions Limits { get; } = new()
    {
        FeedWindowBytes = 700,
        PageEvents = 8,
        PageBytes = 1000,
        PageCacheBytes = 4000,
        MergedBytes = 600,
        CompactLag = 1,
    };

    public FakeTimeProvider Clock { get; } = new();

    public MemoryLogStore Store { get; } = new();

    public LateReader Reader { get; }

    public ScriptedGrains Grains { get; } = new();

    public PageCache Pages { get; }

    public FeedDirectory Feeds { get; }
}
