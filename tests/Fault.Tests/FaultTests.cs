using Holdfast.Chaos.Faults;
using Holdfast.TestSupport;

namespace Holdfast.Fault.Tests;

/// <summary>
/// Each fault once, at a random moment of a load of tasks of every sort. One oracle judges: every viewer's transcript is its task's log, every task
/// ends as it should, no completed step is there twice.
/// </summary>
public sealed class FaultTests(ClusterFixture fixture, ITestOutputHelper output)
{
    /// <summary>The faults that need nothing but signals.</summary>
    public static TheoryData<string> Faults => [.. Enum.GetNames<FaultKind>().Where(name => name != nameof(FaultKind.NetworkLoss))];

    [Theory]
    [MemberData(nameof(Faults))]
    public Task NothingIsLost(string fault) => RunAsync(new ChaosPlan { Seed = Random.Shared.Next(), Faults = [Enum.Parse<FaultKind>(fault)], MostSteps = 60 });

    [Fact]
    public Task AThousandViewersComeBackAtOnce() =>
        RunAsync(new ChaosPlan { Seed = Random.Shared.Next(), Faults = [FaultKind.ViewersCut], MostSteps = 60, TasksPerSecond = 2, Viewers = 200, Least = TimeSpan.FromSeconds(2) });

    [Fact]
    public Task AFrontWithHundredsOfViewersIsKilled() =>
        RunAsync(new ChaosPlan { Seed = Random.Shared.Next(), Faults = [FaultKind.FrontKill], MostSteps = 60, Viewers = 200, Least = TimeSpan.FromSeconds(2) });

    [Fact]
    public async Task PacketsAreDropped_InANetworkOfItsOwn()
    {
        await using (var probe = ChildProcess.Start("/usr/bin/unshare", "--net", "/usr/sbin/iptables", "-L", "-n"))
        {
            probe.Ignore();
            Assert.SkipUnless(await probe.WaitForExitAsync() == 0, "This machine gives no network of one's own.");
        }

        var program = Path.Combine(AppContext.BaseDirectory, "Holdfast.Chaos.dll");
        await using var chaos = ChildProcess.Start(
            "/usr/bin/unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", "dotnet", program, "chaos", "--network", "own", "--minutes", "0.05", "--fault", "NetworkLoss");
        var said = await chaos.ReadToEndAsync("the end of the run");
        Assert.True(await chaos.WaitForExitAsync() == 0, string.Join('\n', said) + await chaos.Errors);
    }

    private async Task RunAsync(ChaosPlan plan)
    {
        output.WriteLine($"seed {plan.Seed}");
        var report = await ChaosRun.RunAsync(fixture.Cluster, plan, output.WriteLine, TestContext.Current.CancellationToken);
        Assert.True(report.Problems.Count == 0, $"seed {plan.Seed}: {string.Join('\n', report.Problems)}");
        Assert.True(report.Events > 0, "Nobody saw anything.");
    }
}
