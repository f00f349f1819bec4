using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>Writes an idempotency key's claim. Key: the claim's log.</summary>
[Alias("holdfast.IClaimGrain")]
public interface IClaimGrain : IGrainWithStringKey
{
    /// <summary>Claims the key for a task, unless it is claimed. Answers with the claim that holds, as it is stored.</summary>
    [Alias("claim")]
    Task<ReadOnlyMemory<byte>> ClaimAsync(string taskId, string digest);

    /// <summary>Gives the key back: the task that it was claimed for was refused. Nothing happens when it stands for another task, or for one that is there with this key.</summary>
    [Alias("release")]
    Task ReleaseAsync(string taskId);
}

/// <inheritdoc cref="IClaimGrain"/>
[GrainType("holdfast.claim")]
internal sealed class ClaimGrain(ILogStore store) : Grain, IClaimGrain
{
    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ClaimAsync(string taskId, string digest)
    {
        DeactivateOnIdle();
        var id = this.GetPrimaryKeyString();
        while (true)
        {
            await store.CreateAsync(new NewLog(id, Claims.ToBytes(new Claim(taskId, digest)), []));
            if (await store.ReadHeadAsync(id) is { } state)
            {
                return state.Head;
            }
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(string taskId)
    {
        DeactivateOnIdle();
        var id = this.GetPrimaryKeyString();
        if (await store.ReadHeadAsync(id) is { } state && Claims.Parse(state.Head.Span).TaskId == taskId
            && (await store.ReadHeadAsync(taskId) is not { } task || TaskHead.Parse(task.Head.Span).Claim != id))
        {
            await store.DeleteAsync(id);
        }
    }
}
