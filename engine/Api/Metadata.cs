using Orleans.Runtime;

namespace Orleans.Metadata;

/// <summary>An attribute that names a grain class.</summary>
public interface IGrainTypeProviderAttribute
{
    /// <summary>The name of the class that carries the attribute.</summary>
    GrainType GetGrainType(IServiceProvider services, Type type);
}
