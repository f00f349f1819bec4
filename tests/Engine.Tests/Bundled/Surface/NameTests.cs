using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Holdfast.Engine.Tests.Surface;

/// <summary>
/// The packages add global usings of three namespaces, so a product type that is called like one of Orleans' is ambiguous there,
/// and only there.
/// </summary>
public class NameTests
{
    private static readonly string[] s_namespaces = ["Orleans", "Orleans.Runtime", "Orleans.Hosting"];

    /// <summary>Public names of the packages that cannot be downloaded here, from their reference documentation.</summary>
    private static readonly string[] s_elsewhere =
    [
        "ActivityNames", "AsyncSerialExecutor", "BatchWorker", "BatchWorkerFromDelegate", "ClusterMember", "ClusterManifestUpdate", "ClusterMembershipSnapshot",
        "ClusterMembershipUpdate", "CollectionAgeLimitAttribute", "ConnectionToClusterLostHandler", "DetailedGrainStatistic", "Factory", "GatewayCountChangedEventArgs",
        "GatewayCountChangedHandler", "GenericGrainType", "GrainCallFrequency", "GrainContextActivator", "GrainService", "GrainState", "GrainTypeSharedContext",
        "ImplicitStreamSubscriptionAttribute", "IndirectProbeResponse", "KeepAliveAttribute", "LifecycleSubject", "MembershipEntry", "MembershipTableData",
        "NamedServiceConfigurator", "OptionsLogger", "OrleansInstruments", "PersistentStateAttribute", "QualifiedStreamId", "RangeFactory", "RedactAttribute",
        "ServiceLifecycleStage", "Silo", "SiloLifecycleSubject", "SiloRuntimeStatistics", "SiloStatus", "SimpleGrainStatistic", "StreamId", "SystemTarget", "TableVersion",
        "TickStatus", "TimeProviderNames", "IGrainStorage", "IGrainState", "IStartupTask", "ISiloBuilder", "IClientBuilder", "IClusterClient", "IHealthCheckable",
        "IFatalErrorHandler", "IManagementGrain", "IMembershipTable", "IPersistentState", "ISiloStatusListener", "ISiloStatusOracle", "ILocalSiloDetails",
    ];

    [Fact]
    public void No_product_type_is_called_like_one_of_Orleans()
    {
        var taken = OrleansNames();
        Assert.Contains("Request", taken);
        Assert.Contains("StableHash", taken);

        var clashes = ProductAssemblies().SelectMany(path => NamesIn(path).Where(n => taken.Contains(n)).Select(n => $"{Path.GetFileName(path)}: {n}"));

        Assert.Empty(clashes);
    }

    [Fact]
    public void The_test_project_itself_would_clash_if_it_had_such_a_type() =>
        Assert.Contains(nameof(NameTests), NamesIn(typeof(NameTests).Assembly.Location));

    private static HashSet<string> OrleansNames() => typeof(NameTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(a => a.Key.StartsWith("Orleans", StringComparison.Ordinal))
        .SelectMany(a => PublicSurface.Read(a.Value!).Types.Keys)
        .Where(name => s_namespaces.Contains(name[..name.LastIndexOf('.')]))
        .Select(name => name[(name.LastIndexOf('.') + 1)..].Split('`')[0])
        .Concat(s_elsewhere)
        .ToHashSet(StringComparer.Ordinal);

    // Whatever else of the product was built beside this project; its own folder says where that is.
    private static IEnumerable<string> ProductAssemblies()
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        return mine.Parent!.Parent!.EnumerateDirectories("Holdfast.*")
            .Where(d => !d.Name.StartsWith("Holdfast.Engine", StringComparison.Ordinal))
            .Select(d => Path.Combine(d.FullName, mine.Name, d.Name + ".dll"))
            .Where(File.Exists);
    }

    // Only names of one's own can be ambiguous: nested types are always said with their outer one.
    private static List<string> NamesIn(string path)
    {
        using var stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        return [.. metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Where(t => t.GetDeclaringType().IsNil).Select(t => metadata.GetString(t.Name).Split('`')[0])];
    }
}
