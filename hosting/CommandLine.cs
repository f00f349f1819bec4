using Holdfast.Grains.Setup;

namespace Holdfast.Hosting;

/// <summary>
/// Refuses what .NET's reading of command lines passes over: names that nothing has, and words that belong to none. Whatever is in the sections of options
/// is judged there.
/// </summary>
internal static class CommandLine
{
    /// <summary>All sections that a process of Holdfast may be given. One command line may be for silos and fronts, so each takes them all.</summary>
    public static readonly IReadOnlyList<string> Sections =
    [
        "Cluster", "Front", "Fronts", "Generators", "Holdfast", "Monitor", "Process", "Recovery", "Redis", "Roadmap", "Sessions", "Silo", "Sqlite", "Tasks", "WorkQueues",
        "Kestrel", "Logging",
    ];

    /// <summary>Checks a command line.</summary>
    /// <param name="args">It.</param>
    /// <param name="switches">Short names for some options.</param>
    /// <exception cref="SetupException">Something in it means nothing.</exception>
    public static void Check(string[] args, IDictionary<string, string> switches)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].Split('=')[0];
            if (!switches.Keys.Contains(name, StringComparer.OrdinalIgnoreCase) && !IsOption(name))
            {
                var near = NearestName.Of(name, switches.Keys.Concat(Sections.Select(section => $"--{section}:{name.Split(':')[^1]}")));
                throw new SetupException(
                    $"There is no option {name}. {(near is null ? $"There are {string.Join(", ", switches.Keys)}, and --Section:Name for all in the README's table of options." : $"Did you mean {near}?")}");
            }

            if (name.Length == args[i].Length && (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal)))
            {
                throw new SetupException($"{name} lacks its value: write {name} value.");
            }
        }
    }

    private static bool IsOption(string name) =>
        name.StartsWith("--", StringComparison.Ordinal) && name[2..].Split(':') is [var section, _, ..] && Sections.Contains(section, StringComparer.OrdinalIgnoreCase);
}
