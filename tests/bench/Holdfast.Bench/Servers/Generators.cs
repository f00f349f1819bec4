using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Bench.Servers;

/// <summary>The kind <c>bench</c>: says that it is there, and leaves the writing to the publisher.</summary>
internal sealed class PublishedGenerator(Publisher publisher) : IGenerator
{
    public string Kind => "bench";

    public void Validate(JsonElement input)
    {
        // Takes anything.
    }

    public async Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken)
    {
        publisher.Add(context.TaskId, new Topic(context));
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            publisher.Remove(context.TaskId);
        }

        return default;
    }

    private sealed class Topic(IGeneratorContext context) : ITopic
    {
        public ValueTask AppendAsync(string[] texts) => context.AppendAsync(Array.ConvertAll(texts, static text => EventDraft.Token("main", text)));

        public ValueTask FlushAsync() => context.FlushAsync();
    }
}

/// <summary>The kind <c>beat</c>: an event every 20 ms, from its start on, wherever that is.</summary>
internal sealed class BeatGenerator(Publisher publisher) : IGenerator
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    public string Kind => "beat";

    public void Validate(JsonElement input)
    {
        // Takes anything.
    }

    public async Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken)
    {
        publisher.Started(context.TaskId);
        try
        {
            using var timer = new PeriodicTimer(Period);
            do
            {
                await context.AppendAsync([EventDraft.Token("main", Publisher.Text())]);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            publisher.Ended(context.TaskId);
        }

        return default;
    }
}
