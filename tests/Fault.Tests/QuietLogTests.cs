using Holdfast.Chaos.Cluster;
using Holdfast.Chaos.Faults;

namespace Holdfast.Fault.Tests;

/// <summary>What a cluster is made to get over is no error: nobody has to do anything about it.</summary>
public sealed class QuietLogTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const int MostLines = 20;

    private static readonly string[] Faulty = ["fail: ", "crit: "];

    [Theory]
    [InlineData("RollingRestart")]
    [InlineData("SiloKill")]
    [InlineData("RedisKill")]
    [InlineData("ViewersCut")]
    public async Task NoProcess_LogsAnError(string fault)
    {
        var processes = fixture.Cluster.All.Where(process => process.Role is ProcessRole.Silo or ProcessRole.Front).ToList();
        var before = processes.ToDictionary(process => process.Name, process => Lines(process).Count, StringComparer.Ordinal);
        var plan = new ChaosPlan { Seed = Random.Shared.Next(), Faults = [Enum.Parse<FaultKind>(fault)], MostSteps = 60 };
        output.WriteLine($"seed {plan.Seed}");
        await ChaosRun.RunAsync(fixture.Cluster, plan, output.WriteLine, TestContext.Current.CancellationToken);
        var errors = processes.SelectMany(process => Errors(process.Name, Lines(process).Skip(before[process.Name]))).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    [Fact]
    public void TheFirstLine_SaysWhatRunsWhere()
    {
        foreach (var process in fixture.Cluster.All.Where(process => process.Role is ProcessRole.Silo or ProcessRole.Front))
        {
            var lines = Lines(process);
            Assert.Equal("info: Holdfast.Hosting.HostBanner[3001]", lines[0]);
            Assert.Matches(@"^ +Holdfast (silo|web front) [\d.]+: open http\S+, orleans [\d.]+, cluster \w+, store Redis at \S+", lines[1]);
        }
    }

    /// <summary>Each with the lines that say what it is.</summary>
    private static IEnumerable<string> Errors(string process, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        return Enumerable.Range(0, all.Count)
            .Where(i => Faulty.Any(level => all[i].StartsWith(level, StringComparison.Ordinal)))
            .Select(i => $"{process}: {string.Join('\n', all.Skip(i + 1).TakeWhile(line => line.StartsWith(' ')).Take(MostLines).Prepend(all[i]))}");
    }

    private static List<string> Lines(ManagedProcess process) => [.. File.ReadLines(process.Log)];
}
