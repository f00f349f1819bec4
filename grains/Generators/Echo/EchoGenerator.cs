using System.Text;
using System.Text.Json;

using Holdfast.Grains.Events;

namespace Holdfast.Grains.Generators.Echo;

/// <summary>
/// The kind <c>echo</c>: numbered tokens at a steady pace, with failures and a review where asked for. For trying out connections, and for tests.
/// Every token is checkpointed with its append, so a restart never repeats one.
/// </summary>
public sealed class EchoGenerator : IGenerator
{
    /// <inheritdoc/>
    public string Kind => "echo";

    /// <inheritdoc/>
    public void Validate(JsonElement input) => EchoInput.Read(input);

    /// <inheritdoc/>
    public async Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken)
    {
        var input = EchoInput.Read(context.Input);
        var done = context.Checkpoint.ValueKind == JsonValueKind.Number ? context.Checkpoint.GetInt32() : 0;
        var events = new List<EventDraft>(2);
        var time = new SteadyTime(context.Clock);
        var start = time.Now;
        for (var n = done + 1; n <= input.Count; n++)
        {
            if (n == input.FailAt && context.Attempt <= input.FailTimes)
            {
                throw new GeneratorException("echo_failed", $"Told to fail before token {n}.");
            }

            if (n == input.ReviewAt)
            {
                await ReviewAsync(context, n, input.Count);
                start = time.Now - (input.Interval * (n - done - 1));
            }

            // By the schedule and not by the wait before, so that the pace holds.
            var wait = start + (input.Interval * (n - done)) - time.Now;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, context.Clock, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            events.Clear();
            events.Add(EventDraft.Token(input.Channel, Text(n, input.Size)));
            var tenths = (long)n * 10 / input.Count;
            if (tenths > (n - 1L) * 10 / input.Count)
            {
                events.Add(EventDraft.ProgressOf(tenths * 10, "tokens", null, n, input.Count));
            }

            await context.AppendAsync(events, JsonSerializer.SerializeToElement(n, EchoJson.Default.Int32));
        }

        return JsonSerializer.SerializeToElement(new EchoResult(input.Count, input.Result), EchoJson.Default.EchoResult);
    }

    private static async Task ReviewAsync(IGeneratorContext context, int n, int count)
    {
        var payload = JsonSerializer.SerializeToElement(new EchoReview(n, count), EchoJson.Default.EchoReview);
        var answer = await context.ReviewAsync(new ReviewRequest("token", $"Go on with token {n} of {count}?", payload));
        if (answer.Decision == ReviewDecision.Reject)
        {
            throw new GeneratorException("review_rejected", "The review was answered with a rejection.", retryable: false);
        }
    }

    /// <summary><c>n:</c> and as many characters as it takes.</summary>
    private static string Text(int n, int size)
    {
        var text = new StringBuilder(size).Append(n).Append(':');
        for (var i = text.Length; i < size; i++)
        {
            text.Append((char)('a' + (i % 26)));
        }

        return text.ToString();
    }
}
