using System.Text.Json;
using System.Text.Json.Serialization;

using Holdfast.Grains.Events;

namespace Holdfast.Grains.Generators;

/// <summary>
/// Makes the content of tasks of one kind. A plug-in: register it with <c>services.AddGenerator&lt;T&gt;()</c>.
/// One instance serves all tasks of its kind, so it keeps nothing of a run in its fields.
/// </summary>
public interface IGenerator
{
    /// <summary>The kind of task that it makes, of <c>a-z0-9._-</c>.</summary>
    string Kind { get; }

    /// <summary>Checks an input before a task is created.</summary>
    /// <exception cref="InvalidInputException">The input can't be used; the creator of the task sees field and message.</exception>
    void Validate(JsonElement input);

    /// <summary>
    /// Does the work. It is called again with the last checkpoint after a failure or an interruption, perhaps in another process;
    /// what it appended since that checkpoint is then superseded.
    /// </summary>
    /// <returns>The task's result: any JSON value, 4 MiB at most.</returns>
    /// <exception cref="GeneratorException">The attempt failed; other exceptions count as retryable with the code <c>generator_failed</c>.</exception>
    /// <exception cref="OperationCanceledException">The task was cancelled, or its process is going down.</exception>
    Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken);
}

/// <summary>What a running generator has: its input, where it stood, and the task's log.</summary>
public interface IGeneratorContext
{
    /// <summary>The task.</summary>
    string TaskId { get; }

    /// <summary>The input as it was given at creation, and validated.</summary>
    JsonElement Input { get; }

    /// <summary>The last durable checkpoint; <see cref="JsonValueKind.Undefined"/> when there is none.</summary>
    JsonElement Checkpoint { get; }

    /// <summary>Which attempt this is, from 1. An interruption does not raise it.</summary>
    int Attempt { get; }

    /// <summary>The product's clock.</summary>
    TimeProvider Clock { get; }

    /// <summary>
    /// Appends events, all or nothing, with an optional checkpoint that covers all that was appended before or with it.
    /// Complete when the task's bounded buffer has taken them, which makes a fast generator wait for the log; they are visible once stored.
    /// </summary>
    ValueTask AppendAsync(IReadOnlyList<EventDraft> events, JsonElement? checkpoint = null);

    /// <summary>Complete when everything appended so far is stored.</summary>
    ValueTask FlushAsync();

    /// <summary>
    /// Asks people for a decision, and waits for it; the task is <c>awaiting_review</c> meanwhile. Asked again with the same key
    /// (after an interruption) it goes on waiting, or gives the answer that was given.
    /// </summary>
    ValueTask<ReviewAnswer> ReviewAsync(ReviewRequest request);
}

/// <summary>One event with no checkpoint is the common case.</summary>
public static class GeneratorContextExtensions
{
    /// <summary>Appends one event: see <see cref="IGeneratorContext.AppendAsync"/>.</summary>
    public static ValueTask AppendAsync(this IGeneratorContext context, EventDraft draft, JsonElement? checkpoint = null) => context.AppendAsync([draft], checkpoint);
}

/// <summary>What to ask for.</summary>
/// <param name="Key">Names the question within its task.</param>
/// <param name="Prompt">The question, for people.</param>
/// <param name="Payload">What is to be looked at.</param>
/// <param name="ExpiresIn">How long to wait; null for ever.</param>
/// <param name="OnExpire">What happens then.</param>
public sealed record ReviewRequest(string Key, string Prompt, JsonElement Payload, TimeSpan? ExpiresIn = null, ReviewExpiry OnExpire = ReviewExpiry.Fail);

/// <summary>What an unanswered review counts as.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReviewExpiry>))]
public enum ReviewExpiry
{
    /// <summary>The attempt fails.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>As if approved.</summary>
    [JsonStringEnumMemberName("approve")]
    Approve,

    /// <summary>As if rejected.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,
}

/// <summary>A decision.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReviewDecision>))]
public enum ReviewDecision
{
    /// <summary>Go on as it is.</summary>
    [JsonStringEnumMemberName("approve")]
    Approve,

    /// <summary>Don't go on.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,

    /// <summary>Go on with the changes in <see cref="ReviewAnswer.Edits"/>.</summary>
    [JsonStringEnumMemberName("revise")]
    Revise,
}

/// <summary>The answer to a review.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Comment">A remark, or null.</param>
/// <param name="Edits">Changes; <see cref="JsonValueKind.Undefined"/> when there are none.</param>
public sealed record ReviewAnswer(ReviewDecision Decision, string? Comment, JsonElement Edits);

/// <summary>An input that a generator can't use.</summary>
/// <param name="field">Which field, as a path: <c>document</c>, <c>context[0].text</c>.</param>
/// <param name="message">What is wrong and what to do; shown to the creator.</param>
public sealed class InvalidInputException(string field, string message) : Exception(message)
{
    /// <summary>The offending field.</summary>
    public string Field { get; } = field;
}

/// <summary>A failure of the work that its viewers may know of.</summary>
/// <param name="code">A stable code in snake_case.</param>
/// <param name="message">For people; shown to viewers.</param>
/// <param name="retryable">Whether another attempt can help.</param>
public sealed class GeneratorException(string code, string message, bool retryable = true) : Exception(message)
{
    /// <summary>A stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Whether another attempt can help.</summary>
    public bool Retryable { get; } = retryable;
}
