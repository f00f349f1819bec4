using Holdfast.TestSupport;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>Somebody who watches a task, over whatever transport.</summary>
internal abstract class Viewer : IAsyncDisposable
{
    /// <summary>What was received so far.</summary>
    public Transcript Transcript { get; } = new();

    /// <summary>The next message; null at the end of the connection.</summary>
    /// <param name="step">What the test waits for: a time-out says it.</param>
    public async Task<Message?> NextAsync(string step)
    {
        var message = await ReceiveAsync().ForAsync(step);
        if (message is not null)
        {
            Transcript.Add(message);
        }

        return message;
    }

    /// <summary>Reads up to a message that fulfils a condition.</summary>
    public async Task<Message> UntilAsync(string step, Func<Message, bool> wanted)
    {
        while (await NextAsync(step) is { } message)
        {
            if (wanted(message))
            {
                return message;
            }
        }

        throw new InvalidOperationException($"The connection ended before: {step}. {Transcript}");
    }

    /// <summary>Reads up to a message of a type.</summary>
    public Task<Message> UntilAsync(string type) => UntilAsync($"the message '{type}'", message => message.Type == type);

    /// <summary>Reads up to the event of a number.</summary>
    public Task<Message> UntilSeqAsync(long seq) => UntilAsync($"event {seq}", message => message.Seq >= seq);

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<Transcript> ToEndAsync(string step = "the end of the connection")
    {
        while (await NextAsync(step) is not null)
        {
            // The transcript has it.
        }

        return Transcript;
    }

    /// <summary>Drops the connection without a word.</summary>
    public abstract void Cut();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Cut();
        Release();
        return ValueTask.CompletedTask;
    }

    /// <summary>Frees what the connection held, once it is cut.</summary>
    protected abstract void Release();

    /// <summary>The next message; null at the end.</summary>
    protected abstract Task<Message?> ReceiveAsync();
}
