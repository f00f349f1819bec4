using System.Security.Cryptography;
using System.Text.Json;

using Holdfast.Generators.Roadmap.Planning;

namespace Holdfast.Generators.Roadmap;

/// <summary>
/// Where a run stands. It is small since the plan is not in it: the same input gives the same plan, so it is made again.
/// </summary>
/// <param name="V">The version of this form.</param>
/// <param name="Plan">A fingerprint of the plan before a review: after an upgrade in the middle of a task the plan may be another one.</param>
/// <param name="Reviewed">The review was answered, or none was asked for.</param>
/// <param name="Done">How many concepts are completed.</param>
/// <param name="Edits">What a reviewer made of the stage list; null when it is as it was.</param>
internal sealed record RoadmapCheckpoint(int V, string Plan, bool Reviewed, int Done, EditedPlan? Edits)
{
    private const int Version = 1;
    private const int FingerprintBytes = 8;

    /// <summary>The stage list is made.</summary>
    public static RoadmapCheckpoint Planned(string plan, bool reviewed) => new(Version, plan, reviewed, 0, null);

    /// <summary>What was stored; null when nothing was, or in a form of another version.</summary>
    public static RoadmapCheckpoint? Read(JsonElement stored)
    {
        if (stored.ValueKind != JsonValueKind.Object || !stored.TryGetProperty("v", out var version) || !version.TryGetInt32(out var number) || number != Version) return null;
        return stored.Deserialize(RoadmapJson.Default.RoadmapCheckpoint);
    }

    /// <summary>Tells plans apart.</summary>
    public static string FingerprintOf(ReadingPlan plan) =>
        Convert.ToHexStringLower(SHA256.HashData(RoadmapJson.Encode(RoadmapResult.Of(plan), RoadmapJson.Default.RoadmapResult)).AsSpan(0, FingerprintBytes));

    /// <summary>As it is stored.</summary>
    public JsonElement ToJson() => RoadmapJson.Element(this, RoadmapJson.Default.RoadmapCheckpoint);
}
