using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;
using Holdfast.Grains.Generators;

namespace Holdfast.Generators.Roadmap;

/// <summary>One run of the generator: makes the plan, has it reviewed, and writes concept after concept, from where the last checkpoint stands.</summary>
internal sealed class RoadmapRun
{
    private const int Steps = 4;
    private const int PercentOfPlan = 20;
    private const string StagesName = "stages";
    private const string Json = "application/json";

    private readonly IGeneratorContext _context;
    private readonly RoadmapInput _input;
    private readonly TimeSpan _interval;
    private readonly CancellationToken _cancellation;
    private readonly Work _work;
    private readonly PlanMaker _maker;
    private RoadmapCheckpoint? _checkpoint;

    public RoadmapRun(IGeneratorContext context, RoadmapInput input, TimeSpan interval, CancellationToken cancellationToken)
    {
        (_context, _input, _interval, _cancellation) = (context, input, interval, cancellationToken);
        _work = new Work(cancellationToken);
        _maker = new PlanMaker(input.Document, input.Title, input.Language, input.MaxConcepts, _work);
        _checkpoint = RoadmapCheckpoint.Read(context.Checkpoint);
    }

    /// <summary>Does the work.</summary>
    /// <returns>The task's result.</returns>
    public async Task<JsonElement> GoAsync()
    {
        var plan = await PlanAsync();
        plan = await ReviewAsync(plan);
        return await WriteAsync(plan);
    }

    /// <summary>Makes the plan. Where it was already shown, it is only made again, without a word.</summary>
    private async Task<ReadingPlan> PlanAsync()
    {
        var shown = _checkpoint is not null;
        var text = _maker.Read();
        await ShowStepAsync(shown, 1, "reading", "Read the document.", EventDraft.Debug(Found(text)));
        _maker.CountTerms();
        await ShowStepAsync(shown, 2, "terms", "Counted its terms.");
        var concepts = _maker.CutConcepts();
        await ShowStepAsync(shown, 3, "concepts", $"Found {concepts} concepts.");
        var plan = _maker.GroupStages();
        var fingerprint = RoadmapCheckpoint.FingerprintOf(plan);
        if (_checkpoint?.Plan == fingerprint) return plan;

        if (_checkpoint is not null)
            await AppendAsync([EventDraft.Debug("The plan is not the one that this task began with, which another version made: it begins anew.", "warning")]);
        _checkpoint = RoadmapCheckpoint.Planned(fingerprint, !_input.Review);
        await AppendAsync([StepOf(Steps, StagesName, $"Grouped them into {plan.Stages.Count} stages."), StageList(plan)], _checkpoint);
        return plan;
    }

    private async Task<ReadingPlan> ReviewAsync(ReadingPlan plan)
    {
        if (!_checkpoint!.Reviewed)
        {
            var answer = await _context.ReviewAsync(new ReviewRequest(
                StagesName,
                "Are these the stages to go on with? To revise them, send the list back with stages and concepts renamed, reordered or removed.",
                RoadmapJson.Element(RoadmapResult.Of(plan), RoadmapJson.Default.RoadmapResult)));
            if (answer.Decision == ReviewDecision.Reject) throw new GeneratorException("review_rejected", "The stage list was rejected.", retryable: false);
            var edits = answer.Decision == ReviewDecision.Revise ? StageEdits.Read(answer.Edits, plan) : null;
            _checkpoint = _checkpoint with { Reviewed = true, Edits = edits };
            EventDraft[] said = edits is null
                ? [EventDraft.Debug("The stage list was approved.")]
                : [EventDraft.Debug("The stage list was revised."), StageList(StageEdits.Apply(plan, edits))];
            await AppendAsync(said, _checkpoint);
        }

        return _checkpoint.Edits is null ? plan : StageEdits.Apply(plan, _checkpoint.Edits);
    }

    private async Task<JsonElement> WriteAsync(ReadingPlan plan)
    {
        var stages = new List<StageResult>();
        var all = plan.Concepts.Count();
        var number = 0;
        foreach (var stage in plan.Stages)
        {
            var (name, written) = ($"stage-{stages.Count + 1}", new List<ConceptResult>());
            foreach (var concept in stage.Concepts)
            {
                number++;
                if (number <= _checkpoint!.Done)
                {
                    written.Add(ConceptResult.Of(concept, ExtractPicker.Pick(_maker.Text, concept, _work)));
                    continue;
                }

                var extract = await StreamAsync(concept, name);
                written.Add(ConceptResult.Of(concept, extract));
                var data = RoadmapJson.Element(new ConceptData(extract, concept.Requires, concept.Minutes), RoadmapJson.Default.ConceptData);
                List<EventDraft> ended =
                [
                    EventDraft.Item(concept.Id, concept.Title, ItemStatus.Completed, name, data),
                    EventDraft.Batch(name, plan.Stages.Count, written.Count, 0, stage.Concepts.Count),
                ];
                if (written.Count == stage.Concepts.Count) ended.Add(FinishedStage(name, new StageResult(stage.Title, stage.Minutes, written)));
                ended.Add(EventDraft.ProgressOf(PercentOfPlan + ((100 - PercentOfPlan) * number / all), "writing", concept.Title, number, all));
                _checkpoint = _checkpoint with { Done = number };
                await AppendAsync(ended, _checkpoint);

                // Stored before the next one is begun: viewers see one concept after the other, and a crash costs one at most.
                await _context.FlushAsync();
            }

            stages.Add(new StageResult(stage.Title, stage.Minutes, written));
        }

        return RoadmapJson.Element(new RoadmapResult(plan.Title, stages), RoadmapJson.Default.RoadmapResult);
    }

    /// <summary>Streams a concept's extract, sentence by sentence.</summary>
    private async Task<IReadOnlyList<string>> StreamAsync(PlannedConcept concept, string stage)
    {
        await AppendAsync([EventDraft.Item(concept.Id, concept.Title, ItemStatus.Started, stage)]);
        var extract = ExtractPicker.Pick(_maker.Text, concept, _work);
        for (var i = 0; i < extract.Count; i++)
        {
            if (_interval > TimeSpan.Zero) await Task.Delay(_interval, _context.Clock, _cancellation);
            await AppendAsync([EventDraft.Token(concept.Id, i == 0 ? extract[i] : "\n" + extract[i])]);
        }

        return extract;
    }

    private ValueTask AppendAsync(IReadOnlyList<EventDraft> events, RoadmapCheckpoint? checkpoint = null)
    {
        _cancellation.ThrowIfCancellationRequested();
        return _context.AppendAsync(events, checkpoint?.ToJson());
    }

    private ValueTask ShowStepAsync(bool shown, int step, string stage, string message, params EventDraft[] before) =>
        shown ? ValueTask.CompletedTask : AppendAsync([.. before, StepOf(step, stage, message)]);

    private static EventDraft StepOf(int step, string stage, string message) => EventDraft.ProgressOf(PercentOfPlan * step / Steps, stage, message, step, Steps);

    private static EventDraft StageList(ReadingPlan plan) =>
        EventDraft.Artifact(StagesName, Json, RoadmapJson.Element(RoadmapResult.Of(plan), RoadmapJson.Default.RoadmapResult));

    private static EventDraft FinishedStage(string name, StageResult stage) => EventDraft.Artifact(name, Json, RoadmapJson.Element(stage, RoadmapJson.Default.StageResult));

    private static string Found(AnalysedText text)
    {
        var headings = text.Blocks.Count(block => block.Kind == BlockKind.Heading);
        return $"Found a text in {text.Language.Name}: {text.Blocks.Count - headings} blocks under {headings} headings, with {text.Sentences.Length} sentences.";
    }
}
