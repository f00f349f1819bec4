using System.Text.Json;

using Holdfast.Grains.Generators;
using Holdfast.Grains.Setup;

using Microsoft.Extensions.Options;

namespace Holdfast.Generators.Roadmap;

/// <summary>
/// Makes a reading plan of a long text or Markdown document: stages of concepts, each with an extract of one to three sentences quoted exactly from the text,
/// the concepts that it requires, and its reading time. It uses no model and no network; the same input always gives the same plan.
/// </summary>
/// <remarks>
/// Input and result are in the wire protocol, section 9. On the way it appends <c>debug</c> and <c>progress</c>, the stage list as the artifact <c>stages</c>,
/// for each concept an <c>item</c> with its extract as <c>token</c>s on a channel of the concept's id, <c>batch</c> for its stage, and each finished stage as the
/// artifact <c>stage-1</c>, <c>stage-2</c> ... A checkpoint goes with each completed concept. With <c>review</c> the stage list waits for people first: approved
/// it stays as it is, rejected the task fails with <c>review_rejected</c>, and a revision sends the list back with titles changed and parts reordered or removed;
/// one that can't be used fails the task with <c>invalid_edits</c>.
/// Extracts are found by TextRank (R. Mihalcea, P. Tarau, 2004), changes of subject by TextTiling (M. Hearst, 1997); words are pairs of characters in scripts without spaces.
/// </remarks>
public sealed class RoadmapGenerator : IGenerator
{
    private readonly TimeSpan _interval;

    /// <summary>As fast as it can be done.</summary>
    public RoadmapGenerator()
    {
    }

    /// <summary>At the pace of the options.</summary>
    public RoadmapGenerator(IOptions<RoadmapOptions> options) => _interval = options.Value.SentenceInterval;

    /// <inheritdoc/>
    public string Kind => "roadmap";

    /// <inheritdoc/>
    public void Validate(JsonElement input) => RoadmapInput.Parse(input);

    /// <inheritdoc/>
    public Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken) =>
        new RoadmapRun(context, RoadmapInput.Parse(context.Input), _interval, cancellationToken).GoAsync();
}

/// <summary>How the roadmap generator works.</summary>
[Section("Roadmap")]
public sealed class RoadmapOptions
{
    /// <summary>
    /// Pause before each sentence that is streamed, so that people can follow. Smaller: the plan is done sooner, with 0 as fast as it can be; larger:
    /// it reads more calmly, and holds its place for longer. Default: 80 ms.
    /// </summary>
    [Bounds("00:00:00", "00:01:00")]
    public TimeSpan SentenceInterval { get; set; } = TimeSpan.FromMilliseconds(80);
}
