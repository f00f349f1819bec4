using Holdfast.Chaos.Judging;
using Holdfast.Chaos.Load;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Hostile;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>
/// The invariants over several silos and fronts whose calls are late, rejected, or executed without an answer, while silos die. The oracle of the chaos
/// runs judges every log, every viewer's transcript over every transport, and every refusal.
/// </summary>
public sealed class LossyCallsTests(ITestOutputHelper output)
{
    private const int Tasks = 18;
    private const int Viewers = 3;
    private const int MostSteps = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task NothingIsLost_Doubled_OrReordered_ThoughCallsAre(int silos)
    {
        var seed = HostileOptions.Seed;
        output.WriteLine(HostileOptions.Remark);
        await using var cluster = await LossyCluster.StartAsync(silos);
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var ending = new CancellationTokenSource();
        var random = new Random(seed);
        var api = new ClusterApi(http, cluster.Entries);
        var load = new TaskLoad(api, $"lossy-{silos}", new Random(random.Next()), await http.GetStringAsync(new Uri(cluster.Entries[0], "/samples/README.md")));
        var working = new ChaosWorker(api, $"lossy-{silos}", new Random(random.Next())).RunAsync(ending.Token);
        List<Outage> outages = [];
        for (var n = 1; n <= Tasks; n++)
        {
            await load.AddAsync(Viewers, MostSteps, ending.Token).ForAsync($"the creation of task {n}");
            if (n % 6 == 0)
            {
                load.CutAll();
            }

            if (silos > 1 && n % 4 == 0)
            {
                var begun = TimeProvider.System.GetUtcNow();
                await cluster.ReplaceAsync(random.Next());
                outages.Add(new Outage(begun, TimeProvider.System.GetUtcNow()));
            }
        }

        await load.WhenDoneAsync(ending.Token).ForAsync("every task's end, as every viewer sees it");
        await ending.CancelAsync();
        await working;
        var faults = await new Oracle(api, load, outages).JudgeAsync(CancellationToken.None);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(cluster.Log.Errors);
    }
}
