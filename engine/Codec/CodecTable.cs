using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Holdfast.Engine;

/// <summary>Finds the codec of a type.</summary>
internal static class CodecTable
{
    private static readonly ConcurrentDictionary<Type, Codec> s_codecs = new(Primitives.All);

    private static readonly Dictionary<Type, Type> s_generic = new()
    {
        [typeof(Nullable<>)] = typeof(NullableCodec<>),
        [typeof(List<>)] = typeof(ListCodec<>),
        [typeof(HashSet<>)] = typeof(SetCodec<>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListCodec<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaryCodec<,>),
        [typeof(KeyValuePair<,>)] = typeof(PairCodec<,>),
    };

    /// <summary>The codec of a type.</summary>
    /// <exception cref="CodecNotFoundException">It has none.</exception>
    public static Codec For(Type type) => s_codecs.GetOrAdd(type, static t => CodecTypeOf(t) is { } codec
        ? (Codec)Activator.CreateInstance(codec)!
        : throw new CodecNotFoundException($"{t} has no serializer: {Cure(t)}"));

    /// <summary>Whether a type as such has a codec; its parts may still lack theirs.</summary>
    public static bool Has(Type type) => s_codecs.ContainsKey(type) || CodecTypeOf(type) is not null;

    /// <summary>The types that a type's codec needs codecs for.</summary>
    public static IEnumerable<Type> PartsOf(Type type) =>
        Primitives.All.ContainsKey(type) || type.IsEnum || type.IsAssignableTo(typeof(Exception)) || type.IsAssignableTo(typeof(IAddressable)) ? []
        : type.IsArray ? [type.GetElementType()!]
        : type.IsGenericType && s_generic.ContainsKey(type.GetGenericTypeDefinition()) ? type.GetGenericArguments()
        : TypeModel.MembersOf(type).Select(m => m.Type);

    private static Type? CodecTypeOf(Type type)
    {
        if (type.ContainsGenericParameters || type.IsPointer || type.IsByRefLike)
        {
            return null;
        }

        if (type.IsArray)
        {
            return type.GetArrayRank() == 1 ? typeof(ArrayCodec<>).MakeGenericType(type.GetElementType()!) : null;
        }

        if (type.IsEnum)
        {
            return TypeModel.IsSerializable(type) ? typeof(EnumCodec<>).MakeGenericType(type) : null;
        }

        if (type.IsGenericType && s_generic.TryGetValue(type.GetGenericTypeDefinition(), out var generic))
        {
            return generic.MakeGenericType(type.GetGenericArguments());
        }

        if (type.IsInterface)
        {
            return type.IsAssignableTo(typeof(IAddressable)) ? typeof(ReferenceCodec<>).MakeGenericType(type) : null;
        }

        if (type.IsAssignableTo(typeof(Exception)))
        {
            return typeof(ExceptionCodec<>).MakeGenericType(type);
        }

        return TypeModel.IsSerializable(type) ? typeof(ObjectCodec<>).MakeGenericType(type) : null;
    }

    private static string Cure(Type type) => type switch
    {
        _ when type == typeof(object) => "say which type it is.",
        { IsInterface: true } => "use a class or struct; for collections List<T>, T[], ImmutableArray<T> or Dictionary<TKey, TValue>.",
        _ when type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true => "it is not among the supported framework types.",
        _ => "mark it [GenerateSerializer] and its members [Id].",
    };
}
