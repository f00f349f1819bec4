using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// One run of a generator: what it sees of its task. It ends when the generator returns, or earlier when the task has no more use for it;
/// from then on nothing that the generator says is taken.
/// </summary>
internal sealed class GeneratorRun : IGeneratorContext, IDisposable
{
    private readonly TaskWriter _writer;
    private readonly TaskMachine _machine;
    private readonly GeneratorPlaces _places;
    private readonly GeneratorEntry _entry;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource<ReviewAnswer>> _reviews = new(StringComparer.Ordinal);
    private GeneratorPlaces.Place? _place;
    private volatile bool _ended;

    public GeneratorRun(string taskId, TaskWriter writer, TaskMachine machine, GeneratorPlaces places, GeneratorEntry entry, TimeProvider clock)
    {
        (TaskId, _writer, _machine, _places, _entry, Clock) = (taskId, writer, machine, places, entry, clock);
    }

    public string TaskId { get; }

    public JsonElement Input { get; private set; }

    public JsonElement Checkpoint { get; private set; }

    public int Attempt { get; private set; }

    public TimeProvider Clock { get; }

    /// <summary>Cancelled when the run is to end.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>True once nothing is taken from this run any more.</summary>
    public bool Ended => _ended;

    /// <summary>Complete when the generator has returned, however it did.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;

    /// <summary>Waits for a place to run in.</summary>
    public async Task EnterAsync() => _place = await _places.EnterAsync(_entry, Stopping);

    /// <summary>Runs the generator on the thread pool. The caller's scheduler gets the outcome.</summary>
    public Task<JsonElement> RunAsync(JsonElement input, JsonElement checkpoint, int attempt)
    {
        (Input, Checkpoint, Attempt) = (input, checkpoint, attempt);
        return Task.Run(() => _entry.Generator.RunAsync(this, Stopping), Stopping);
    }

    /// <summary>Takes nothing more from this run, and tells the generator to stop. May be called twice.</summary>
    public void End()
    {
        _ended = true;
        lock (_gate)
        {
            foreach (var waiting in _reviews.Values)
            {
                waiting.TrySetCanceled();
            }

            _reviews.Clear();
        }

        // The generator's own callbacks must not run inside a turn of the grain.
        _ = _stop.CancelAsync();
    }

    public async ValueTask AppendAsync(IReadOnlyList<EventDraft> events, JsonElement? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(events);
        while (!_writer.Log.HasRoom)
        {
            await _writer.Log.WhenRoomAsync().WaitAsync(Stopping);
        }

        Make(static (head, step, it) => it._machine.Appended(head, step, it.events, it.checkpoint), (_machine, events, checkpoint));
    }

    public async ValueTask FlushAsync() => await _writer.Log.WhenStoredAsync().WaitAsync(Stopping);

    public async ValueTask<ReviewAnswer> ReviewAsync(ReviewRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        TaskCompletionSource<ReviewAnswer> waiting;
        lock (_gate)
        {
            if (!_reviews.TryGetValue(request.Key, out waiting!))
            {
                _reviews[request.Key] = waiting = new TaskCompletionSource<ReviewAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        Make(static (head, step, it) => it._machine.ReviewRequired(head, step, NewId.Review(), it.request), (_machine, request));
        if (_writer.Log.Head.Reviews.TryGetValue(request.Key, out var before))
        {
            Resolved(before);
        }

        // People take their time: others may run meanwhile.
        _place?.Dispose();
        var answer = await waiting.Task.WaitAsync(Stopping);
        await EnterAsync();
        return answer;
    }

    /// <summary>A review was decided.</summary>
    public void Resolved(ResolvedReview review)
    {
        lock (_gate)
        {
            if (_reviews.Remove(review.Key, out var waiting))
            {
                waiting.TrySetResult(new ReviewAnswer(review.Decision, review.Comment, review.Edits ?? default));
            }
        }
    }

    public void Dispose()
    {
        _place?.Dispose();
        _stop.Dispose();
    }

    private void Make<T>(Func<TaskHead, Step, T, Change?> rule, T argument)
    {
        try
        {
            _writer.Log.Make(
                static (head, step, it) => it.Run._ended || head.IsTerminal
                    ? throw new OperationCanceledException("The task has no more use for this run.")
                    : it.Rule(head, step, it.Argument),
                (Run: this, Rule: rule, Argument: argument));
        }
        catch (RefusedException refused)
        {
            throw new GeneratorException(refused.Refusal.Code, refused.Refusal.Detail, retryable: false);
        }
        catch (TaskLogLostException lost)
        {
            throw new OperationCanceledException("The task's log has another writer.", lost);
        }

        _writer.Kick();
    }
}
