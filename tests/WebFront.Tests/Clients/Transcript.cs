namespace Holdfast.WebFront.Tests.Clients;

/// <summary>
/// What one connection was sent, checked as it comes: the order of section 4, no gap, no repetition, and nothing after the end.
/// </summary>
internal sealed class Transcript
{
    private readonly List<Message> _messages = [];
    private bool _caughtUp;
    private bool _ended;

    /// <summary>Everything, in order.</summary>
    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>The events.</summary>
    public IEnumerable<Message> Events => _messages.Where(message => message.IsEvent);

    /// <summary>The types of everything that is no event.</summary>
    public IEnumerable<string> Controls => _messages.Where(message => !message.IsEvent).Select(message => message.Type);

    /// <summary>Number of the last event; null before the first.</summary>
    public long? Last { get; private set; }

    /// <summary>The first message of a type.</summary>
    public Message The(string type) => _messages.Find(message => message.Type == type) ?? throw new InvalidOperationException($"No '{type}' in {this}");

    /// <summary>True when there is one.</summary>
    public bool Has(string type) => _messages.Exists(message => message.Type == type);

    /// <summary>Takes the next message.</summary>
    public void Add(Message message)
    {
        var before = _messages.Count == 0 ? null : _messages[^1];
        _messages.Add(message);
        Check(before?.Type != "closing", "Something followed 'closing'");
        if (message.IsEvent)
        {
            AddEvent(message);
            return;
        }

        switch (message.Type)
        {
            case "connected":
                Check(before is null, "'connected' was not the first message");
                break;
            case "history_reset":
                Check(before?.Type == "current_status", "'history_reset' did not follow the status");
                break;
            case "caught_up":
                Check(!_caughtUp, "'caught_up' came twice");
                _caughtUp = true;
                break;
        }
    }

    /// <summary>Checks that this is a whole connection of a stream, from <c>connected</c> to <c>closing</c>.</summary>
    public void AssertWhole()
    {
        Assert.Equal("connected", _messages[0].Type);
        Assert.Equal("current_status", _messages[1].Type);
        Assert.Equal("closing", _messages[^1].Type);
        var caughtUp = _messages.FindIndex(message => message.Type == "caught_up");
        Check(caughtUp > 1, "There was no 'caught_up'");
        var terminal = _messages.FindIndex(message => message.IsTerminal);
        Check(terminal < 0 || terminal > caughtUp, "The terminal event came before 'caught_up'");
    }

    /// <inheritdoc/>
    public override string ToString() => "[" + string.Join(", ", _messages.Select(message => message.IsEvent ? $"{message.Seq}:{message.Type}" : message.Type)) + "]";

    private void AddEvent(Message message)
    {
        Check(Last is null || message.SeqFrom == Last + 1, "An event did not follow the one before it");
        Check(message.SeqFrom <= message.Seq, "A merged event went backwards");
        Check(!_ended, "An event followed the terminal one");
        (Last, _ended) = (message.Seq, message.IsTerminal);
    }

    /// <summary>The text is made only when it is needed: there are many messages.</summary>
    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            Assert.Fail($"{otherwise}: {this}");
        }
    }
}
