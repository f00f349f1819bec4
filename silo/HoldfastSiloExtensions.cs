using Holdfast.Generators.Roadmap;
using Holdfast.Grains;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Recovery;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Setup;
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
        silo.Services.AddSection<TaskOptions>();
        silo.Services.AddSection<SessionLeaseOptions>();
        silo.Services.AddSection<FrontLeaseOptions>();
        silo.Services.AddSection<WorkQueueOptions>();
        silo.Services.AddSection<RecoveryOptions>();
        silo.Services.AddSection<GeneratorOptions>();
        silo.Services.AddRoadmap();
        return silo;
    }
}
