using System.Security.Cryptography;
using System.Text;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>A Lua script, called by its digest; a Redis that does not know it (any more) is given its text.</summary>
internal sealed class RedisScript(string text)
{
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
    private readonly byte[] _digest = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    /// <summary>Runs it on the slot of its keys. What follows needs no turn of a grain.</summary>
    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, params RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_digest, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(text, keys, values).ConfigureAwait(false);
        }
    }
}
