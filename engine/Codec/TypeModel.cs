using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;

namespace Holdfast.Engine;

/// <summary>One member that travels.</summary>
/// <param name="Level">How many serialisable types lie between it and the root of its type's hierarchy.</param>
/// <param name="Id">Its number within its level.</param>
/// <param name="Member">A field, or a property with accessors of its own.</param>
internal sealed record TypeMember(int Level, uint Id, MemberInfo Member)
{
    public Type Type => Member is FieldInfo own ? own.FieldType : ((PropertyInfo)Member).PropertyType;

    public string Name => Member.Name.StartsWith('<') ? Member.Name[1..Member.Name.IndexOf('>', StringComparison.Ordinal)] : Member.Name;
}

/// <summary>What the attributes on a type say about how it travels.</summary>
internal static class TypeModel
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConcurrentDictionary<string, Type> s_known = new();

    /// <summary>Makes a type findable by its name on the wire.</summary>
    public static void Know(Type type) => s_known.TryAdd(NameOf(type), type);

    /// <summary>A known type by its name on the wire.</summary>
    public static Type? Find(string name) => s_known.GetValueOrDefault(name);

    public static string NameOf(Type type) => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.FullName ?? type.Name;

    public static bool IsSerializable(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) || IsTuple(type);

    public static bool IsTuple(Type type) => type.IsGenericType && type.IsValueType && type.IsAssignableTo(typeof(ITuple));

    /// <summary>The type and its serialisable bases, the root first.</summary>
    public static List<Type> LevelsOf(Type type)
    {
        var levels = new List<Type>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (IsSerializable(level))
            {
                levels.Insert(0, level);
            }
        }

        return levels;
    }

    /// <summary>The members that travel, in the order in which they are written.</summary>
    public static List<TypeMember> MembersOf(Type type)
    {
        var members = new List<TypeMember>();
        var levels = LevelsOf(type);
        for (var i = 0; i < levels.Count; i++)
        {
            members.AddRange(DeclaredMembersOf(levels[i], i).OrderBy(m => m.Id));
        }

        return members;
    }

    public static IEnumerable<TypeMember> DeclaredMembersOf(Type type, int level)
    {
        if (IsTuple(type))
        {
            return type.GetFields(Declared).Select((f, i) => new TypeMember(level, (uint)i, f));
        }

        var fields = type.GetFields(Declared).Where(f => f.IsDefined(typeof(IdAttribute))).Select(f => new TypeMember(level, f.GetCustomAttribute<IdAttribute>()!.Id, f));
        var properties = type.GetProperties(Declared).Where(p => p.IsDefined(typeof(IdAttribute))).Select(p => new TypeMember(
            level, p.GetCustomAttribute<IdAttribute>()!.Id, (MemberInfo?)BackingFieldOf(p) ?? p));
        return fields.Concat(properties);
    }

    /// <summary>The field behind an automatic property.</summary>
    public static FieldInfo? BackingFieldOf(PropertyInfo property) => property.DeclaringType!.GetField($"<{property.Name}>k__BackingField", Declared);

    /// <summary>Whether the type itself promises that it never changes.</summary>
    public static bool IsImmutable(Type type) => type.IsDefined(typeof(ImmutableAttribute), inherit: false);
}
