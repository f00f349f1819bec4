using System.Collections.Concurrent;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>The kind <c>stepping</c>: does one thing at a time, each when its test says so: <c>checkpoint</c>, <c>fail</c>, <c>break</c>,
/// <c>review</c>, <c>return</c>, <c>be-rude</c> (and throw something of its own when it is told to stop); anything else is a token.</summary>
internal sealed class SteppingGenerator : IGenerator
{
    private static readonly ConcurrentDictionary<string, Orders> s_orders = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_ended = new(StringComparer.Ordinal);

    /// <summary>How long a review waits for its answer before it is approved.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <inheritdoc/>
    public string Kind => "stepping";

    /// <summary>Tells the generator of a task what to do next.</summary>
    public static void Tell(string task, params string[] orders)
    {
        foreach (var order in orders)
        {
            Of(task).Add(order);
        }
    }

    /// <summary>Complete when a run of a task was told to stop and has returned.</summary>
    public static Task StoppedAsync(string task) => Ended(task).Task;

    /// <inheritdoc/>
    public void Validate(JsonElement input)
    {
        if (input.TryGetProperty("bad", out _))
        {
            throw new InvalidInputException("bad", "There must be nothing bad.");
        }
    }

    /// <inheritdoc/>
    public async Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken)
    {
        var orders = Of(context.TaskId);
        var run = orders.Begin();
        var rude = false;
        try
        {
            while (true)
            {
                var order = await orders.TakeAsync(run, cancellationToken);
                switch (order)
                {
                    case "fail":
                        throw new GeneratorException("told_to", "Told to fail.");
                    case "break":
                        throw new InvalidOperationException("secret");
                    case "return":
                        return JsonSerializer.SerializeToElement("done");
                    case "checkpoint":
                        await context.AppendAsync([], JsonSerializer.SerializeToElement(context.Attempt));
                        break;
                    case "review":
                        await context.ReviewAsync(new ReviewRequest("review", "Go on?", default, Patience, ReviewExpiry.Approve));
                        break;
                    case "be-rude":
                        rude = true;
                        break;
                    default:
                        await context.AppendAsync(EventDraft.Token("main", order));
                        break;
                }
            }
        }
        catch (OperationCanceledException stop)
        {
            Ended(context.TaskId).TrySetResult();
            if (rude)
            {
                throw new InvalidOperationException("Not now.", stop);
            }

            throw;
        }
    }

    private static Orders Of(string task) => s_orders.GetOrAdd(task, static _ => new Orders());

    private static TaskCompletionSource Ended(string task) => s_ended.GetOrAdd(task, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>The orders of one task. Only its newest run gets any: one whose silo was killed knows nothing of that, and goes on waiting.</summary>
    private sealed class Orders
    {
        private readonly Lock _gate = new();
        private readonly Queue<string> _orders = new();
        private readonly SemaphoreSlim _count = new(0);
        private int _run;

        public int Begin() => Interlocked.Increment(ref _run);

        public void Add(string order)
        {
            lock (_gate)
            {
                _orders.Enqueue(order);
            }

            _count.Release();
        }

        public async Task<string> TakeAsync(int run, CancellationToken cancellationToken)
        {
            await _count.WaitAsync(cancellationToken);
            lock (_gate)
            {
                if (run == Volatile.Read(ref _run))
                {
                    return _orders.Dequeue();
                }
            }

            _count.Release();
            throw new OperationCanceledException("Another run has taken over.");
        }
    }
}
