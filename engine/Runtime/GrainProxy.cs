using System.Reflection;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>A reference: an identity, and a way to send calls to it. The framework derives one class per interface from it.</summary>
internal class GrainProxy : DispatchProxy, IAddressable, IEquatable<GrainProxy>
{
    private MethodTable _table = null!;

    public Node Node { get; private set; } = null!;

    public GrainId Id { get; private set; }

    /// <summary>Where the last call ended up, while that is in this process.</summary>
    public Activation? Activation { get; set; }

    public MethodTable Table => _table;

    public static object Create(Type interfaceType, GrainId id, Node node)
    {
        var proxy = (GrainProxy)Create(interfaceType, typeof(GrainProxy));
        proxy._table = MethodTable.For(interfaceType);
        proxy.Id = id;
        proxy.Node = node;
        return proxy;
    }

    /// <summary>The identity of a grain or a reference.</summary>
    public static GrainId IdOf(IAddressable grain) => grain switch
    {
        GrainProxy proxy => proxy.Id,
        Orleans.IGrainBase { GrainContext: { } context } => context.GrainId,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException($"A {grain.GetType()} is neither a grain nor a reference.", nameof(grain)),
    };

    /// <summary>A reference to a grain, from the grain or from another reference.</summary>
    public static T ReferenceTo<T>(IAddressable grain)
    {
        var node = grain switch
        {
            GrainProxy proxy => proxy.Node,
            Orleans.IGrainBase { GrainContext: Activation activation } => activation.Silo,
            _ => throw new ArgumentException($"A {grain?.GetType()} is neither a grain nor a reference.", nameof(grain)),
        };
        return (T)node.Refer(typeof(T), IdOf(grain));
    }

    public bool Equals(GrainProxy? other) => other is not null && Id.Equals(other.Id);

    public override bool Equals(object? obj) => Equals(obj as GrainProxy);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => $"{_table.Interface.Name} {Id}";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _table.Find(targetMethod!).Send(this, args!);
}
