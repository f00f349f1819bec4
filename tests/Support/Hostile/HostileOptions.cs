using System.Globalization;

namespace Holdfast.TestSupport.Hostile;

/// <summary>How unreliable calls are in a test cluster. The environment variable <c>HOLDFAST_HOSTILE=off</c> makes all of them reliable.</summary>
public sealed record HostileOptions
{
    /// <summary>Share of calls, and of answers, that are held up. Default: 0.2.</summary>
    public double Delayed { get; init; } = 0.2;

    /// <summary>How long at most. Default: 3 ms.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Share of calls that are executed although their caller is told of a time-out. Default: 0.</summary>
    public double LostReplies { get; init; }

    /// <summary>Share of calls that are rejected and never executed. Default: 0.</summary>
    public double Rejected { get; init; }

    /// <summary>Share of observers' answers that take up to <see cref="LongestAnswer"/>. Default: 0.05.</summary>
    public double LateAnswers { get; init; } = 0.05;

    /// <summary>How long an observer's answer takes at most. Default: 50 ms.</summary>
    public TimeSpan LongestAnswer { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Calls and answers take their time and overtake one another, and none is lost: for tests whose own calls are not repeated.</summary>
    public static HostileOptions Slow { get; } = new();

    /// <summary>Calls get lost as well: for tests that repeat their calls, as whoever uses the product has to.</summary>
    public static HostileOptions Lossy { get; } = new() { LostReplies = 0.03, Rejected = 0.03 };

    /// <summary>Decides what happens to which call: another one in each run, or that of <c>HOLDFAST_HOSTILE_SEED</c>.</summary>
    public static int Seed { get; } = Environment.GetEnvironmentVariable("HOLDFAST_HOSTILE_SEED") is { Length: > 0 } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next();

    /// <summary>For a test's output: how to have the same decisions again.</summary>
    public static string Remark { get; } = !IsOn ? "reliable calls: HOLDFAST_HOSTILE=off" : $"hostile calls; the same again: HOLDFAST_HOSTILE_SEED={Seed}";

    /// <summary>Whether calls are hostile at all; the environment may say that they are not.</summary>
    internal static bool IsOn => Environment.GetEnvironmentVariable("HOLDFAST_HOSTILE") is not "off";
}
