using Holdfast.Grains;
using Holdfast.Grains.Setup;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Generators.Roadmap;

/// <summary>Adds the kind <c>roadmap</c>.</summary>
public static class RoadmapExtensions
{
    /// <summary>Registers the generator and its options, the section <c>Roadmap</c>. As it computes, one task per processor runs at once.</summary>
    public static IServiceCollection AddRoadmap(this IServiceCollection services)
    {
        services.AddSection<RoadmapOptions>();
        return services.AddGenerator<RoadmapGenerator>(maxConcurrent: Environment.ProcessorCount);
    }
}
