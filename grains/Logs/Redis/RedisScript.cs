using System.Security.Cryptography;
using System.Text;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>A Lua script, called by its digest; a Redis that does not know it (any more) is given its text.</summary>
internal sealed class RedisScript(string text)
{
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
    private readonly string _digest = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350

    /// <summary>Runs it on the slot of its keys.</summary>
    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, params RedisValue[] values)
    {
        try
        {
            return await database.ExecuteAsync("EVALSHA", Arguments(_digest, keys, values));
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ExecuteAsync("EVAL", Arguments(text, keys, values));
        }
    }

    private static object[] Arguments(string script, RedisKey[] keys, RedisValue[] values)
    {
        var arguments = new object[2 + keys.Length + values.Length];
        (arguments[0], arguments[1]) = (script, keys.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            arguments[2 + i] = keys[i];
        }

        for (var i = 0; i < values.Length; i++)
        {
            arguments[2 + keys.Length + i] = values[i];
        }

        return arguments;
    }
}
