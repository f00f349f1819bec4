using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>The grain classes, interfaces and serialisable types that a node knows.</summary>
internal sealed class Manifest
{
    private static readonly ConcurrentDictionary<Assembly, Found> s_found = new();
    private static readonly ConcurrentDictionary<Type, GrainClass> s_classes = new();

    private readonly Dictionary<GrainType, GrainClass> _classes = [];
    private readonly Dictionary<Type, List<GrainClass>> _implementers = [];
    private readonly Dictionary<uint, MethodTable> _tables = [];
    private readonly ConcurrentDictionary<uint, GrainType> _elsewhere = new();

    private Manifest(IEnumerable<Type> classes, IEnumerable<Type> interfaces)
    {
        foreach (var grainClass in classes.Select(t => s_classes.GetOrAdd(t, static t => new GrainClass(t))))
        {
            if (!_classes.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"{grainClass.Type} and {_classes[grainClass.GrainType].Type} have the same grain type '{grainClass.GrainType}': give one of them another [GrainType].");
            }

            foreach (var implemented in grainClass.Interfaces)
            {
                if (!_implementers.TryGetValue(implemented, out var list))
                {
                    _implementers[implemented] = list = [];
                }

                list.Add(grainClass);
            }
        }

        foreach (var table in interfaces.Concat(_implementers.Keys).Distinct().Select(MethodTable.For))
        {
            if (!_tables.TryAdd(table.Id, table))
            {
                throw new OrleansConfigurationException($"{table.Interface} and {_tables[table.Id].Interface} have the same name on the wire, '{table.Name}'.");
            }
        }
    }

    /// <summary>The interfaces that calls can go through.</summary>
    public IReadOnlyCollection<MethodTable> Tables => _tables.Values;

    /// <summary>Looks through this process, refusing what Orleans would refuse too.</summary>
    public static Manifest Discover(GrainTypeOptions options)
    {
        var problems = ContractCheck.Examine(options.Interfaces.Concat(options.Classes)).ToList();
        var found = Assemblies().Select(a => s_found.GetOrAdd(a, Examine)).ToList();
        problems.AddRange(found.SelectMany(f => f.Problems));
        problems.AddRange(ContractCheck.DuplicateNames(found.SelectMany(f => f.Serializable.Concat(f.Interfaces))));
        return problems.Count == 0
            ? new Manifest(found.SelectMany(f => f.Classes).Union(options.Classes), found.SelectMany(f => f.Interfaces).Union(options.Interfaces))
            : throw new OrleansConfigurationException("The grains cannot be hosted:" + string.Concat(problems.Select(p => "\n  - " + p)));
    }

    public GrainClass ClassOf(GrainType type) => _classes.TryGetValue(type, out var grainClass)
        ? grainClass
        : throw new ArgumentException($"No class in this process has the grain type '{type}'.", nameof(type));

    /// <summary>The grain type behind an interface.</summary>
    /// <exception cref="ArgumentException">Nothing implements it, or several classes do.</exception>
    public GrainType GrainTypeOf(Type interfaceType, string? prefix)
    {
        var candidates = _implementers.GetValueOrDefault(interfaceType) ?? [];
        if (prefix is not null)
        {
            candidates = candidates.FindAll(c => c.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal));
        }

        return candidates.Count switch
        {
            1 => candidates[0].GrainType,
            0 when prefix is null && _elsewhere.TryGetValue(MethodTable.For(interfaceType).Id, out var type) => type,
            0 => throw new ArgumentException($"Nothing implements {interfaceType}.", nameof(interfaceType)),
            _ => throw new ArgumentException($"{interfaceType} is implemented by {string.Join(" and ", candidates.Select(c => c.Type))}: name one by a class name prefix.", nameof(interfaceType)),
        };
    }

    /// <summary>The interface with this number on the wire.</summary>
    public MethodTable? TableOf(uint id) => _tables.GetValueOrDefault(id);

    /// <summary>What a silo says it implements: clients need not have the classes.</summary>
    public void Learn(uint interfaceId, GrainType type) => _elsewhere.TryAdd(interfaceId, type);

    /// <summary>Interfaces with exactly one class behind them.</summary>
    public IEnumerable<(MethodTable Table, GrainType Type)> Implemented =>
        _implementers.Where(p => p.Value.Count == 1).Select(p => (MethodTable.For(p.Key), p.Value[0].GrainType));

    /// <summary>Every loaded or referenced assembly that knows the engine.</summary>
    public static IEnumerable<Assembly> Assemblies()
    {
        var engine = typeof(Manifest).Assembly;
        var name = engine.GetName().Name;
        var found = new HashSet<Assembly> { engine };
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic && !a.IsCollectible && KnowsEngine(a)));
        while (open.TryDequeue(out var assembly))
        {
            if (!found.Add(assembly))
            {
                continue;
            }

            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                if (!reference.Name!.StartsWith("System", StringComparison.Ordinal) && !reference.Name.StartsWith("Microsoft", StringComparison.Ordinal))
                {
                    var loaded = Assembly.Load(reference);
                    if (KnowsEngine(loaded))
                    {
                        open.Enqueue(loaded);
                    }
                }
            }
        }

        return found;

        bool KnowsEngine(Assembly assembly) => Array.Exists(assembly.GetReferencedAssemblies(), r => r.Name == name);
    }

    private static Found Examine(Assembly assembly)
    {
        var types = assembly.GetTypes().Where(t => !t.ContainsGenericParameters || t.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)).ToList();
        var serializable = types.FindAll(t => t.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));
        serializable.ForEach(TypeModel.Know);
        var found = new Found(
            types.FindAll(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IGrainBase)) && t.IsAssignableTo(typeof(IGrain))),
            types.FindAll(t => t.IsInterface && t != typeof(IGrain) && t != typeof(IGrainWithStringKey) && t != typeof(IGrainObserver)
                && (t.IsAssignableTo(typeof(IGrain)) || t.IsAssignableTo(typeof(IGrainObserver)))),
            serializable,
            []);
        return found with { Problems = [.. ContractCheck.Examine(found.Classes.Concat(found.Interfaces).Concat(found.Serializable))] };
    }

    private sealed record Found(List<Type> Classes, List<Type> Interfaces, List<Type> Serializable, List<string> Problems);
}
