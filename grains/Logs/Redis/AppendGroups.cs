using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks.Sources;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>
/// Group commit over all logs of this process: while one group of appends is on its way, the next gathers, and goes out in one piece when the answers are
/// there. Redis takes a piece in one turn and flushes once for it, however many appends are in it. Whoever is alone waits for nobody.
/// </summary>
/// <param name="link">The connection.</param>
/// <param name="maxGroup">Appends in one group at most.</param>
internal sealed class AppendGroups(RedisLink link, int maxGroup)
{
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
    private static readonly byte[] s_digest = SHA1.HashData(Encoding.UTF8.GetBytes(LogScripts.Append));
#pragma warning restore CA5350

    private readonly Lock _gate = new();
    private readonly Queue<Operation> _waiting = new();
    private bool _running;

    /// <summary>Runs <see cref="LogScripts.Append"/> with the next group.</summary>
    /// <exception cref="LogStoreUnavailableException">Redis, or the way to it, failed: the outcome is unknown.</exception>
    public ValueTask<RedisResult> RunAsync(RedisKey[] keys, RedisValue[] values)
    {
        var operation = new Operation(keys, values);
        bool first;
        lock (_gate)
        {
            _waiting.Enqueue(operation);
            first = !_running;
            _running = true;
        }

        if (first)
        {
            _ = RunGroupsAsync();
        }

        return operation.Answer;
    }

    private async Task RunGroupsAsync()
    {
        while (Take() is { } group)
        {
            try
            {
                await link.AskAsync(() => SendAsync(group)).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Whatever it was, the outcome is unknown to each of them, and the next group is tried.
                var unanswered = e as LogStoreUnavailableException ?? new LogStoreUnavailableException("The appends could not be sent to Redis.", e);
                Array.ForEach(group, operation => operation.Unanswered = unanswered);
            }

            Answers.Give(group, static operation => operation.Complete());
        }
    }

    private Operation[]? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _running = false;
                return null;
            }

            var group = new Operation[Math.Min(_waiting.Count, maxGroup)];
            for (var i = 0; i < group.Length; i++)
            {
                group[i] = _waiting.Dequeue();
            }

            return group;
        }
    }

    /// <summary>Sends a group and waits for all of its answers; each keeps its own, or why there is none.</summary>
    private async Task<bool> SendAsync(Operation[] group)
    {
        var batch = link.Database.CreateBatch();
        foreach (var operation in group)
        {
            operation.Call = batch.ScriptEvaluateAsync(s_digest, operation.Keys, operation.Values);
        }

        batch.Execute();
        var unknown = false;
        foreach (var operation in group)
        {
            await ((Task)operation.Call!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            unknown |= operation.Call.Exception?.InnerException is RedisServerException e && e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);
        }

        if (unknown)
        {
            // Redis does not know the script (any more): its text comes along once.
            Task all = Task.WhenAll(group.Where(operation => operation.Call!.IsFaulted).Select(operation =>
                operation.Call = link.Database.ScriptEvaluateAsync(LogScripts.Append, operation.Keys, operation.Values)));
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return true;
    }

    /// <summary>One append, and the caller who waits for it.</summary>
    private sealed class Operation(RedisKey[] keys, RedisValue[] values) : IValueTaskSource<RedisResult>
    {
        private ManualResetValueTaskSourceCore<RedisResult> _answered;

        public RedisKey[] Keys => keys;

        public RedisValue[] Values => values;

        public Task<RedisResult>? Call { get; set; }

        public LogStoreUnavailableException? Unanswered { get; set; }

        public ValueTask<RedisResult> Answer => new(this, _answered.Version);

        public void Complete()
        {
            if (Call is { IsCompletedSuccessfully: true } call)
            {
                _answered.SetResult(call.Result);
            }
            else
            {
                _answered.SetException(Unanswered ?? new LogStoreUnavailableException("Redis did not answer, or not in time.", Call?.Exception?.InnerException));
            }
        }

        RedisResult IValueTaskSource<RedisResult>.GetResult(short token) => _answered.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<RedisResult>.GetStatus(short token) => _answered.GetStatus(token);

        void IValueTaskSource<RedisResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _answered.OnCompleted(continuation, state, token, flags);
    }
}
