using System.Globalization;

namespace Holdfast.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    /// <summary>The scenarios to run; empty for all.</summary>
    public IReadOnlyList<string> Scenarios { get; private init; } = [];

    /// <summary>Small numbers, to see that everything works: the figures mean nothing.</summary>
    public bool Quick { get; private init; }

    /// <summary>How often each scenario is measured; the medians count.</summary>
    public int Repeat { get; private init; } = 3;

    /// <summary>Where the results go as JSON; null for nowhere.</summary>
    public string? Json { get; private init; }

    /// <summary>Where the stores are put, by default on the disk of the build. It counts: every event is on it before it is seen.</summary>
    public string Data { get; private init; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "data"));

    /// <summary>Measures a cluster with Redis instead of the one process with SQLite.</summary>
    public bool Cluster { get; init; }

    /// <summary>Silos of the cluster.</summary>
    public int Silos { get; private init; } = 2;

    /// <summary>Web fronts of the cluster.</summary>
    public int Fronts { get; private init; } = 2;

    /// <summary>Runs Holdfast alone, for profiling.</summary>
    public bool Alone { get; private init; }

    /// <summary>What is passed on to Holdfast's command line.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>What to say when the command line can't be read, or help is asked for.</summary>
    public static string Help(IEnumerable<(string Name, string Description)> scenarios) => $"""
        Measures Holdfast beside a bare WebSocket broadcaster, by turns on the same machine.

          --scenario a,b     only these:
        {string.Join('\n', scenarios.Select(one => $"                       {one.Name,-9} {one.Description}"))}
          --cluster          a cluster with a Redis of its own, instead of one process with SQLite
          --silos n --fronts n   of so many processes (2, 2)
          --quick            small numbers, under a minute: shows that everything works
          --repeat n         how often; the medians count (3; 1 with --quick)
          --json file        writes the results there, too
          --data folder      where the stores are put (beside the program, on the real disk)
          --alone            without the baseline
          -- …               the rest goes to Holdfast's command line

        """;

    /// <summary>Reads a command line; null, with what is wrong in it, when that can't be done.</summary>
    public static BenchOptions? Read(string[] args, IReadOnlyCollection<string> scenarios, out string? wrong)
    {
        var options = new BenchOptions();
        int? repeat = null;
        wrong = null;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick":
                    options = options with { Quick = true };
                    break;
                case "--cluster":
                    options = options with { Cluster = true };
                    break;
                case "--silos" when Number(i) is { } silos:
                    (options, i) = (options with { Silos = silos }, i + 1);
                    break;
                case "--fronts" when Number(i) is { } fronts:
                    (options, i) = (options with { Fronts = fronts }, i + 1);
                    break;
                case "--alone":
                    options = options with { Alone = true };
                    break;
                case "--":
                    return options with { Settings = args[(i + 1)..], Repeat = repeat ?? (options.Quick ? 1 : 3) };
                case "--scenario" when i + 1 < args.Length:
                    options = options with { Scenarios = args[++i].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) };
                    break;
                case "--repeat" when Number(i) is { } times:
                    (repeat, i) = (times, i + 1);
                    break;
                case "--json" when i + 1 < args.Length:
                    options = options with { Json = args[++i] };
                    break;
                case "--data" when i + 1 < args.Length:
                    options = options with { Data = args[++i] };
                    break;
                case "--help" or "-h":
                    return null;
                default:
                    wrong = $"'{args[i]}' is not understood, or lacks its value.";
                    return null;
            }
        }

        if (options.Scenarios.FirstOrDefault(name => !scenarios.Contains(name)) is { } unknown)
        {
            wrong = $"There is no scenario '{unknown}'.";
            return null;
        }

        return options with { Repeat = repeat ?? (options.Quick ? 1 : 3) };

        int? Number(int i) => i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
    }
}
