using System.Globalization;

using Holdfast.Chaos.Faults;
using Holdfast.TestSupport;

namespace Holdfast.Fault.Tests;

/// <summary>
/// Each fault once, at a random moment of a load of tasks of every sort. One oracle judges: every viewer's transcript is its task's log from where it
/// began, every task ends as it should and stands still for no longer than it has to, no completed step is there twice, no viewer changed a log.
/// </summary>
public sealed class FaultTests(ClusterFixture fixture, ITestOutputHelper output)
{
    /// <summary>The faults that need nothing but signals.</summary>
    public static TheoryData<string> Faults => [.. Enum.GetNames<FaultKind>().Where(name => name != nameof(FaultKind.NetworkLoss))];

    [Theory]
    [MemberData(nameof(Faults))]
    public Task NothingIsLost(string fault) => RunAsync(new ChaosPlan { Seed = Random.Shared.Next(), Faults = [Enum.Parse<FaultKind>(fault)], MostSteps = 60 });

    [Fact]
    public async Task AThousandViewersComeBackAtOnce()
    {
        // Some go between the count and the cut, as their tasks end.
        var plan = new ChaosPlan { Seed = Random.Shared.Next(), Faults = [FaultKind.ViewersCut], MostSteps = 400, TasksPerSecond = 2, Viewers = 200, Connected = 1200 };
        var report = await RunAsync(plan);
        Assert.True(report.MostCut >= 1000, $"seed {plan.Seed}: only {report.MostCut} viewers were connected.");
    }

    [Fact]
    public Task AFrontWithHundredsOfViewersIsKilled() =>
        RunAsync(new ChaosPlan { Seed = Random.Shared.Next(), Faults = [FaultKind.FrontKill], MostSteps = 200, Viewers = 200, Connected = 400 });

    [Fact]
    public async Task PacketsAreDropped_InANetworkOfItsOwn()
    {
        Assert.SkipUnless(await HasOwnNetworkAsync(), "This machine gives no network of one's own.");
        await RunInOwnNetworkAsync("--minutes", "0.05", "--fault", nameof(FaultKind.NetworkLoss));
    }

    /// <summary>One schedule for every run, with another seed in <c>HOLDFAST_CHAOS_SEED</c>: <c>./platform chaos --seed</c> does the same for longer.</summary>
    [Fact]
    public async Task AllFaults_InOneSchedule()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("HOLDFAST_CHAOS_SEED") ?? "138", CultureInfo.InvariantCulture);
        if (await HasOwnNetworkAsync())
        {
            await RunInOwnNetworkAsync("--minutes", "1", "--seed", $"{seed}");
        }
        else
        {
            var faults = Enum.GetValues<FaultKind>().Where(fault => fault != FaultKind.NetworkLoss);
            await RunAsync(new ChaosPlan { Seed = seed, Duration = TimeSpan.FromMinutes(1), Faults = [.. faults] });
        }
    }

    private static async Task<bool> HasOwnNetworkAsync()
    {
        await using var probe = ChildProcess.Start("/usr/bin/unshare", "--net", "/usr/sbin/iptables", "-L", "-n");
        probe.Ignore();
        return await probe.WaitForExitAsync() == 0;
    }

    private async Task RunInOwnNetworkAsync(params IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Holdfast.Chaos.dll");
        await using var chaos = ChildProcess.Start(
            "/usr/bin/unshare", ["--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", "dotnet", program, "chaos", "--network", "own", .. arguments]);
        var said = string.Join('\n', await chaos.ReadToEndAsync("the end of the run"));
        output.WriteLine(said);
        Assert.True(await chaos.WaitForExitAsync() == 0, said + await chaos.Errors);
    }

    private async Task<ChaosReport> RunAsync(ChaosPlan plan)
    {
        output.WriteLine($"seed {plan.Seed}");
        var report = await ChaosRun.RunAsync(fixture.Cluster, plan, output.WriteLine, TestContext.Current.CancellationToken);
        Assert.True(report.Problems.Count == 0, $"seed {plan.Seed}: {string.Join('\n', report.Problems)}");
        Assert.True(report.Viewers + report.Alone > 0, "Nothing was judged.");
        return report;
    }
}
