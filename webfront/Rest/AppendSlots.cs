using System.Collections.Concurrent;

using Holdfast.Grains;
using Holdfast.WebFront.Problems;

using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Rest;

/// <summary>
/// Bounds what waits for each task's log: a task appends one batch after the other, so the batches of a worker that does not wait for answers
/// would pile up before it.
/// </summary>
internal sealed class AppendSlots(IOptions<FrontOptions> options)
{
    private readonly ConcurrentDictionary<string, int> _waiting = new(StringComparer.Ordinal);

    /// <summary>Takes a place until it is disposed.</summary>
    /// <exception cref="ProblemException">There is none: the log can't follow.</exception>
    public Slot Take(string taskId)
    {
        if (_waiting.AddOrUpdate(taskId, 1, static (_, waiting) => waiting + 1) <= options.Value.MaxWaitingAppends)
        {
            return new Slot(this, taskId);
        }

        Return(taskId);
        throw new ProblemException(new Refusal(
            RefusalCodes.LogBusy, "The log can't follow; wait for the answers to the batches before, and send this one again.", RetryAfter: TimeSpan.FromMilliseconds(500)));
    }

    private void Return(string taskId)
    {
        if (_waiting.AddOrUpdate(taskId, 0, static (_, waiting) => waiting - 1) == 0)
        {
            _waiting.TryRemove(new KeyValuePair<string, int>(taskId, 0));
        }
    }

    /// <summary>A batch's place.</summary>
    public readonly struct Slot(AppendSlots slots, string taskId) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => slots.Return(taskId);
    }
}
