using System.Text.Json;

using Holdfast.Embedded;
using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Bench.Servers;

/// <summary>The embedded host as it ships, and a generator whose tasks the publisher writes to.</summary>
internal static class HoldfastServer
{
    /// <summary>Runs with the embedded host's arguments.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var publisher = new Publisher();
        await using var app = EmbeddedHost.Build([.. args, "--urls", "http://127.0.0.1:0"], services =>
        {
            services.AddSingleton(publisher);
            services.AddGenerator<PublishedGenerator>(maxConcurrent: 100_000);

            // A line of log per task would be measured otherwise.
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Holdfast", LogLevel.Warning));
        });
        app.MapBench(publisher);
        return await ServerControl.ServeAsync(app);
    }

    /// <summary>The kind <c>bench</c>: says that it is there, and leaves the writing to the publisher.</summary>
    private sealed class PublishedGenerator(Publisher publisher) : IGenerator
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
    }

    private sealed class Topic(IGeneratorContext context) : ITopic
    {
        public ValueTask AppendAsync(string[] texts) => context.AppendAsync(Array.ConvertAll(texts, static text => EventDraft.Token("main", text)));

        public ValueTask FlushAsync() => context.FlushAsync();
    }
}
