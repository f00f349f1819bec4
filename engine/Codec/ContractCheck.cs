using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Concurrency;

namespace Holdfast.Engine;

/// <summary>
/// Refuses what Orleans refuses by analyser, by code generation or at start, so that nothing passes here and fails there.
/// Each problem names the type, the rule and the cure.
/// </summary>
internal static class ContractCheck
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Examine(IEnumerable<Type> types) => types.SelectMany(type =>
        type.IsInterface ? OfInterface(type)
        : type.IsAssignableTo(typeof(IGrainBase)) ? OfClass(type)
        : OfSerializable(type));

    /// <summary>Two types with one name on the wire.</summary>
    public static IEnumerable<string> DuplicateNames(IEnumerable<Type> types) => types
        .GroupBy(TypeModel.NameOf)
        .Where(g => g.Distinct().Count() > 1)
        .Select(g => $"{string.Join(" and ", g.Distinct())} have the same name on the wire, '{g.Key}': change one [Alias].");

    private static IEnumerable<string> OfClass(Type type)
    {
        if (type.GetConstructors().Length == 0)
        {
            yield return $"{type} has no public constructor.";
        }

        if (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            yield return $"{type} is a grain, so it cannot be [GenerateSerializer].";
        }
    }

    private static IEnumerable<string> OfInterface(Type type)
    {
        if (type.IsGenericType)
        {
            yield return $"{type} is generic: grain interfaces are not, here.";
        }

        if (type.IsAssignableTo(typeof(IGrain)) && !type.IsAssignableTo(typeof(IGrainWithStringKey)))
        {
            yield return $"{type} must derive from IGrainWithStringKey: other keys are not supported here.";
        }

        foreach (var inherited in type.GetInterfaces().Where(i => i.GetMembers().Length > 0))
        {
            yield return $"{type} derives from {inherited}, which has members: grain interfaces do not inherit, here.";
        }

        foreach (var member in type.GetMembers(Declared | BindingFlags.Static).Where(m => m is not MethodInfo { IsSpecialName: true }))
        {
            if (member is not MethodInfo method)
            {
                yield return $"{type}.{member.Name} is no method: a grain interface has only methods.";
                continue;
            }

            foreach (var problem in OfMethod(type, method))
            {
                yield return problem;
            }
        }

        foreach (var names in type.GetMethods().GroupBy(m => m.Name).Where(g => g.Count() > 1))
        {
            yield return $"{type}.{names.Key} is overloaded: grain methods are not, here.";
        }

        foreach (var names in type.GetMethods().GroupBy(MethodTable.WireName).Where(g => g.Select(m => m.Name).Distinct().Count() > 1))
        {
            yield return $"{type}: {string.Join(" and ", names.Select(m => m.Name))} have the same [Alias] '{names.Key}'.";
        }
    }

    private static IEnumerable<string> OfMethod(Type type, MethodInfo method)
    {
        var name = $"{type}.{method.Name}";
        if (method.IsStatic || !method.IsAbstract)
        {
            yield return $"{name} is static or has a body: a grain method is neither, here.";
        }

        if (method.IsGenericMethod)
        {
            yield return $"{name} is generic: grain methods are not, here.";
            yield break;
        }

        var returned = method.ReturnType;
        var generic = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
        if (returned != typeof(Task) && returned != typeof(ValueTask) && generic != typeof(Task<>) && generic != typeof(ValueTask<>))
        {
            yield return $"{name} returns {returned}: a grain method returns Task, Task<T>, ValueTask or ValueTask<T>.";
        }
        else if (generic is not null)
        {
            foreach (var problem in OfSignature(name, "answer", returned.GetGenericArguments()[0], []))
            {
                yield return problem;
            }
        }

        if (method.IsDefined(typeof(AlwaysInterleaveAttribute)) && type.IsAssignableTo(typeof(IGrainObserver)))
        {
            yield return $"{name} is [AlwaysInterleave], which means nothing on an observer.";
        }

        foreach (var parameter in method.GetParameters())
        {
            if (parameter.ParameterType.IsByRef)
            {
                yield return $"{name}: the parameter '{parameter.Name}' is ref, in or out.";
                continue;
            }

            if (parameter.ParameterType == typeof(CancellationToken))
            {
                yield return $"{name}: the parameter '{parameter.Name}' is a CancellationToken, which does not travel here: offer a method that cancels.";
                continue;
            }

            foreach (var problem in OfSignature(name, $"parameter '{parameter.Name}'", parameter.ParameterType, []))
            {
                yield return problem;
            }
        }
    }

    // Follows a type into its parts, so that the message says where the trouble is.
    private static IEnumerable<string> OfSignature(string method, string place, Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type))
        {
            yield break;
        }

        if (type.IsAssignableTo(typeof(Grain)))
        {
            yield return $"{method}: the {place} is the grain class {type}: use its interface.";
        }
        else if (!CodecTable.Has(type))
        {
            yield return $"{method}: the {place} has the type {type}, which has no serializer.";
        }
        else
        {
            foreach (var problem in CodecTable.PartsOf(type).SelectMany(part => OfSignature(method, $"{place} holds {type}, which", part, seen)))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> OfSerializable(Type type)
    {
        if (type.IsNestedPrivate || type.IsNestedFamily || type.IsNestedFamANDAssem)
        {
            yield return $"{type} is [GenerateSerializer] but nested and not accessible: make it internal or public.";
        }

        if (type.Name.Contains('<', StringComparison.Ordinal))
        {
            yield return $"{type} is [GenerateSerializer] but local to its file: make it internal or public.";
        }

        if (type.IsEnum)
        {
            yield break;
        }

        foreach (var property in type.GetProperties(Declared).Where(p => !p.IsDefined(typeof(IdAttribute))))
        {
            if (TypeModel.BackingFieldOf(property) is { } backing && !backing.IsDefined(typeof(NonSerializedAttribute)) && property.Name != "EqualityContract")
            {
                yield return $"{type}.{property.Name} has no [Id]: number it, or mark its field [NonSerialized].";
            }
        }

        foreach (var field in type.GetFields(Declared))
        {
            if (!field.IsDefined(typeof(IdAttribute)) && !field.IsDefined(typeof(CompilerGeneratedAttribute)) && !field.IsDefined(typeof(NonSerializedAttribute)))
            {
                yield return $"{type}.{field.Name} has no [Id]: number it, or mark it [NonSerialized].";
            }
        }

        foreach (var property in type.GetProperties(Declared).Where(p => p.IsDefined(typeof(IdAttribute)) && TypeModel.BackingFieldOf(p) is null))
        {
            if (property.GetGetMethod(nonPublic: true) is null || property.GetSetMethod(nonPublic: true) is null)
            {
                yield return $"{type}.{property.Name} has an [Id] but no way to be read or set.";
            }
        }

        foreach (var same in TypeModel.DeclaredMembersOf(type, 0).GroupBy(m => m.Id).Where(g => g.Count() > 1))
        {
            yield return $"{type}: {string.Join(" and ", same.Select(m => m.Name))} have the same [Id({same.Key})].";
        }

        foreach (var member in TypeModel.DeclaredMembersOf(type, 0).Where(m => !m.Type.ContainsGenericParameters))
        {
            foreach (var problem in OfSignature(type.ToString(), $"member {member.Name}", member.Type, [type]))
            {
                yield return problem;
            }
        }
    }
}
