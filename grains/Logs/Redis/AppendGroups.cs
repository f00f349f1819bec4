using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks.Sources;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>
/// Group commit over all logs of this process: while one group of appends is on its way, the next gathers, and goes out in one piece when the answers are
/// there. Redis takes it in few turns, a script for many appends each, and flushes once for it. Whoever is alone waits for nobody.
/// </summary>
/// <param name="link">The connection.</param>
/// <param name="maxGroup">Appends in one group at most.</param>
internal sealed class AppendGroups(RedisLink link, int maxGroup)
{
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
    private static readonly byte[] s_digest = SHA1.HashData(Encoding.UTF8.GetBytes(LogScripts.Append));
#pragma warning restore CA5350

    /// <summary>Appends in one run of the script at most: Redis does nothing else meanwhile, for some three milliseconds.</summary>
    private const int PieceCount = 100;

    /// <summary>The bytes at which a run of the script is full.</summary>
    private const int PieceBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<Operation> _waiting = new();
    private bool _running;

    /// <summary>Runs <see cref="LogScripts.Append"/> with the next group.</summary>
    /// <param name="keys">The log's keys.</param>
    /// <param name="values">Its values, as the script has them.</param>
    /// <param name="bytes">About how many bytes they are.</param>
    /// <exception cref="LogStoreUnavailableException">Redis, or the way to it, failed: the outcome is unknown.</exception>
    public ValueTask<AppendResult> RunAsync(RedisKey[] keys, RedisValue[] values, long bytes)
    {
        var operation = new Operation(keys, values, bytes);
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
        var (batch, pieces) = (link.Database.CreateBatch(), Pieces(group, link.HasSlots));
        var calls = pieces.ConvertAll(piece => batch.ScriptEvaluateAsync(s_digest, Keys(piece), Values(piece)));
        batch.Execute();
        for (var i = 0; i < pieces.Count; i++)
        {
            await ((Task)calls[i]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (calls[i].Exception?.InnerException is RedisServerException e && e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // Redis does not know the script (any more): its text comes along once.
                calls[i] = link.Database.ScriptEvaluateAsync(LogScripts.Append, Keys(pieces[i]), Values(pieces[i]));
                await ((Task)calls[i]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Note(pieces[i], calls[i]);
        }

        return true;
    }

    /// <summary>What goes to one run of the script. Where keys have slots, it is one log's.</summary>
    private static List<ArraySegment<Operation>> Pieces(Operation[] group, bool slots)
    {
        var (pieces, first, bytes) = (new List<ArraySegment<Operation>>(1), 0, 0L);
        for (var i = 0; i < group.Length; i++)
        {
            bytes += group[i].Bytes;
            if (slots || i + 1 - first == PieceCount || bytes >= PieceBytes || i + 1 == group.Length)
            {
                pieces.Add(new ArraySegment<Operation>(group, first, i + 1 - first));
                (first, bytes) = (i + 1, 0);
            }
        }

        return pieces;
    }

    private static RedisKey[] Keys(ArraySegment<Operation> piece) => Together(piece, static one => one.Keys);

    private static RedisValue[] Values(ArraySegment<Operation> piece) => Together(piece, static one => one.Values);

    private static T[] Together<T>(ArraySegment<Operation> piece, Func<Operation, T[]> part)
    {
        if (piece.Count == 1)
        {
            return part(piece[0]);
        }

        var each = part(piece[0]).Length;
        var all = new T[piece.Count * each];
        for (var i = 0; i < piece.Count; i++)
        {
            part(piece[i]).CopyTo(all, i * each);
        }

        return all;
    }

    private static void Note(ArraySegment<Operation> piece, Task<RedisResult> call)
    {
        var answers = call.IsCompletedSuccessfully ? (RedisResult[])call.Result! : [];
        for (var i = 0; i < piece.Count; i++)
        {
            if (i >= answers.Length)
            {
                piece[i].Unanswered = new LogStoreUnavailableException("Redis did not answer, or not in time.", call.Exception?.InnerException);
                continue;
            }

            var (outcome, what) = ((int)answers[i][0], (string)answers[i][1]!);
            if (outcome < 0)
            {
                piece[i].Unanswered = new LogStoreUnavailableException($"Redis could not append: {what}");
            }
            else
            {
                piece[i].Result = new AppendResult((AppendOutcome)outcome, long.Parse(what, CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>One append, and the caller who waits for it.</summary>
    private sealed class Operation(RedisKey[] keys, RedisValue[] values, long bytes) : IValueTaskSource<AppendResult>
    {
        private ManualResetValueTaskSourceCore<AppendResult> _answered;

        public RedisKey[] Keys => keys;

        public RedisValue[] Values => values;

        public long Bytes => bytes;

        public AppendResult Result { get; set; }

        public LogStoreUnavailableException? Unanswered { get; set; }

        public ValueTask<AppendResult> Answer => new(this, _answered.Version);

        public void Complete()
        {
            if (Unanswered is { } reason)
            {
                _answered.SetException(reason);
            }
            else
            {
                _answered.SetResult(Result);
            }
        }

        AppendResult IValueTaskSource<AppendResult>.GetResult(short token) => _answered.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<AppendResult>.GetStatus(short token) => _answered.GetStatus(token);

        void IValueTaskSource<AppendResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _answered.OnCompleted(continuation, state, token, flags);
    }
}
