using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>The kind <c>stepping</c>: does one thing at a time, each when its test says so: <c>say</c>, <c>checkpoint</c>, <c>fail</c>, <c>break</c>, <c>return</c>.</summary>
internal sealed class SteppingGenerator : IGenerator
{
    private static readonly ConcurrentDictionary<string, Channel<string>> s_orders = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_ended = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Kind => "stepping";

    /// <summary>Tells the generator of a task what to do next.</summary>
    public static void Tell(string task, params string[] orders)
    {
        foreach (var order in orders)
        {
            Orders(task).Writer.TryWrite(order);
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
        try
        {
            while (true)
            {
                var order = await Orders(context.TaskId).Reader.ReadAsync(cancellationToken);
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
                    default:
                        await context.AppendAsync(EventDraft.Token("main", order));
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Ended(context.TaskId).TrySetResult();
            throw;
        }
    }

    private static Channel<string> Orders(string task) => s_orders.GetOrAdd(task, static _ => Channel.CreateUnbounded<string>());

    private static TaskCompletionSource Ended(string task) => s_ended.GetOrAdd(task, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
