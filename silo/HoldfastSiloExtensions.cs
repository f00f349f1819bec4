using Holdfast.Grains;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Generators.Roadmap;
using Holdfast.Grains.Recovery;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Tasks;
using Holdfast.Grains.Workers;

namespace Holdfast.Silo;

/// <summary>Adds what a silo of Holdfast has, whatever it clusters by.</summary>
public static class HoldfastSiloExtensions
{
    /// <summary>Adds grains, notices and time limits to a silo.</summary>
    public static ISiloBuilder AddHoldfast(this ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage("PubSubStore");
        silo.AddMemoryStreams(TaskNotice.Provider);
        silo.Services.AddHoldfastGrains();
        silo.Services.AddOptions<TaskOptions>().BindConfiguration("Tasks");
        silo.Services.AddOptions<SessionLeaseOptions>().BindConfiguration("Sessions");
        silo.Services.AddOptions<FrontLeaseOptions>().BindConfiguration("Fronts");
        silo.Services.AddOptions<WorkQueueOptions>().BindConfiguration("WorkQueues");
        silo.Services.AddOptions<RecoveryOptions>().BindConfiguration("Recovery");
        silo.Services.AddOptions<RoadmapOptions>().BindConfiguration("Roadmap");
        return silo;
    }
}
