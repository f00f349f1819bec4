using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// An idempotency key's claim on a task: a log of its own, with a head and nothing else, so that of several racing creates one makes it.
/// It goes when its task goes.
/// </summary>
/// <param name="TaskId">The task that the key stands for.</param>
/// <param name="Digest">Digest of the request that used the key first.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Claim")]
public sealed record Claim([property: Id(0)] string TaskId, [property: Id(1)] string Digest);

/// <summary>Makes, finds and gives back claims. The store's creation of a log is the compare-and-set; no grain stands in between.</summary>
public static class Claims
{
    private const string Prefix = "idempotency.";

    /// <summary>The log that holds a principal's key; no task has a dot in its id.</summary>
    public static string LogId(string owner, string key) =>
        Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner + "\n" + key)));

    /// <summary>The claim that a log holds; null when the key is free.</summary>
    public static async ValueTask<Claim?> FindAsync(ILogReader logs, string logId, CancellationToken cancellationToken = default) =>
        await logs.ReadHeadAsync(logId, cancellationToken) is { } state ? Parse(state.Head.Span) : null;

    /// <summary>Claims the key, unless it is claimed. Gives the claim that holds.</summary>
    public static async ValueTask<Claim> TakeAsync(ILogStore store, string logId, Claim claim)
    {
        while (true)
        {
            if (await store.CreateAsync(new NewLog(logId, ToBytes(claim), [])))
            {
                return claim;
            }

            // It may be given back between the two calls; then it is free again.
            if (await FindAsync(store, logId) is { } holds)
            {
                return holds;
            }
        }
    }

    /// <summary>
    /// Gives the key back: the task that it was claimed for was refused. Nothing happens when it stands for another task, or for one that is there with
    /// this key.
    /// </summary>
    public static async ValueTask ReleaseAsync(ILogStore store, string logId, string taskId)
    {
        if (await FindAsync(store, logId) is { } claim && claim.TaskId == taskId
            && (await store.ReadHeadAsync(taskId) is not { } task || TaskHead.Parse(task.Head.Span).Claim != logId))
        {
            await store.DeleteAsync(logId);
        }
    }

    /// <summary>The claim as it stands in the log's head.</summary>
    public static byte[] ToBytes(Claim claim) => JsonSerializer.SerializeToUtf8Bytes(claim, ClaimJson.Default.Claim);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static Claim Parse(ReadOnlySpan<byte> head) =>
        JsonSerializer.Deserialize(head, ClaimJson.Default.Claim) ?? throw new InvalidDataException("A claim is empty.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Claim))]
internal sealed partial class ClaimJson : JsonSerializerContext;
