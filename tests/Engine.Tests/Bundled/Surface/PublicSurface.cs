using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Holdfast.Engine.Tests.Surface;

/// <summary>
/// What an assembly offers to others: each public type and its public and protected members, as text.
/// A member's key is what identifies it to a caller; its value is everything else the compiler goes by.
/// </summary>
internal sealed class PublicSurface
{
    private readonly MetadataReader _metadata;
    private readonly SignatureReader _signatures;

    private PublicSurface(MetadataReader metadata)
    {
        _metadata = metadata;
        _signatures = new SignatureReader(metadata);
    }

    /// <summary>Types by full name; per type its members by key.</summary>
    public Dictionary<string, SurfaceType> Types { get; } = [];

    public static PublicSurface Read(string path)
    {
        using var stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        var surface = new PublicSurface(image.GetMetadataReader());
        foreach (var handle in surface._metadata.TypeDefinitions)
        {
            if (surface.IsVisible(handle))
            {
                surface.Add(handle);
            }
        }

        return surface;
    }

    private bool IsVisible(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsVisible(type.GetDeclaringType()),
            _ => false,
        };
    }

    private void Add(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var name = _signatures.NameOf(handle);
        var names = new GenericNames(NamesOf(type.GetGenericParameters()), []);
        var context = ContextOf(type.GetCustomAttributes(), 0);
        var reader = new MemberReader(_metadata, _signatures, names, context);
        var kind = type.Attributes & (TypeAttributes.Sealed | TypeAttributes.Abstract | TypeAttributes.Interface);
        var bases = type.GetInterfaceImplementations()
            .Select(i => reader.NameOf(_metadata.GetInterfaceImplementation(i).Interface))
            .Append(type.BaseType.IsNil ? "-" : reader.NameOf(type.BaseType))
            .ToHashSet();
        var head = string.Join(' ', new[] { kind.ToString(), reader.Constraints(type.GetGenericParameters()), reader.Marks(type.GetCustomAttributes()) }.Where(s => s.Length > 0));
        var members = new Dictionary<string, string>();
        foreach (var field in type.GetFields())
        {
            reader.Field(field, members);
        }

        foreach (var property in type.GetProperties())
        {
            reader.Property(property, members);
        }

        foreach (var method in type.GetMethods())
        {
            reader.Method(method, members);
        }

        Types[name] = new SurfaceType(name, head, bases, members);
    }

    private byte ContextOf(CustomAttributeHandleCollection attributes, byte outer) =>
        MemberReader.FlagsOf(_metadata, _signatures, attributes, "System.Runtime.CompilerServices.NullableContextAttribute") is [var context] ? context : outer;

    private string[] NamesOf(GenericParameterHandleCollection parameters) =>
        [.. parameters.Select(p => _metadata.GetString(_metadata.GetGenericParameter(p).Name))];
}

/// <summary>One public type.</summary>
internal sealed record SurfaceType(string Name, string Head, HashSet<string> Bases, Dictionary<string, string> Members);
