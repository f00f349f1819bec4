namespace Holdfast.Bench.Servers;

/// <summary>What a publisher writes to: a running task of Holdfast, or a list of the baseline.</summary>
internal interface ITopic
{
    /// <summary>Appends one event per text, together. Complete when the server has taken them.</summary>
    ValueTask AppendAsync(string[] texts);

    /// <summary>Complete when what was appended is as durable as it gets here, and visible.</summary>
    ValueTask FlushAsync();
}
