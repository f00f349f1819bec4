using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// An idempotency key's claim on a task: a log of its own, with a head and nothing else, so that of several racing creates one makes it.
/// It goes when its task goes.
/// </summary>
/// <param name="TaskId">The task that the key stands for.</param>
/// <param name="Digest">Digest of the request that used the key first.</param>
public sealed record Claim(string TaskId, string Digest);

/// <summary>Makes and finds claims.</summary>
public static class Claims
{
    private const string Prefix = "idempotency.";

    /// <summary>The log that holds a principal's key; no task has a dot in its id.</summary>
    public static string LogId(string owner, string key) =>
        Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner + "\n" + key)));

    /// <summary>The claim as it stands in the log's head.</summary>
    public static byte[] ToBytes(Claim claim) => JsonSerializer.SerializeToUtf8Bytes(claim, ClaimJson.Default.Claim);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static Claim Parse(ReadOnlySpan<byte> head) =>
        JsonSerializer.Deserialize(head, ClaimJson.Default.Claim) ?? throw new InvalidDataException("A claim is empty.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Claim))]
internal sealed partial class ClaimJson : JsonSerializerContext;
