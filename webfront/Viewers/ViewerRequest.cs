namespace Holdfast.WebFront.Viewers;

/// <summary>What a viewer asked for.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Start">Where to begin.</param>
/// <param name="Compact">Merge tokens where it is behind.</param>
/// <param name="SessionId">The session to resume, or null.</param>
/// <param name="Wait">How long a task that is not there yet may still be created.</param>
/// <param name="Principal">Who it is.</param>
internal sealed record ViewerRequest(string TaskId, ViewerStart Start, bool Compact, string? SessionId, TimeSpan Wait, string Principal);
