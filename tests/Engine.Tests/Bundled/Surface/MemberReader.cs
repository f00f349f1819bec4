using System.Reflection;
using System.Reflection.Metadata;

namespace Holdfast.Engine.Tests.Surface;

/// <summary>Turns the members of one type into text.</summary>
internal sealed class MemberReader(MetadataReader metadata, SignatureReader signatures, GenericNames typeNames, byte typeContext)
{
    private const string Nullable = "System.Runtime.CompilerServices.NullableAttribute";
    private const string NullableContext = "System.Runtime.CompilerServices.NullableContextAttribute";

    /// <summary>Attributes that change what a caller may write.</summary>
    private static readonly string[] Telling =
    [
        "System.AttributeUsageAttribute", "System.ObsoleteAttribute", "System.FlagsAttribute",
        "System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute", "System.Diagnostics.CodeAnalysis.ExperimentalAttribute",
        "System.Runtime.CompilerServices.RequiredMemberAttribute", "System.Runtime.CompilerServices.IsReadOnlyAttribute",
        "System.Runtime.CompilerServices.ExtensionAttribute", "System.ParamArrayAttribute",
    ];

    public void Field(FieldDefinitionHandle handle, Dictionary<string, string> members)
    {
        var field = metadata.GetFieldDefinition(handle);
        var name = metadata.GetString(field.Name);
        if ((field.Attributes & FieldAttributes.FieldAccessMask) is not (FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem) || name == "value__")
        {
            return;
        }

        var type = field.DecodeSignature(signatures, typeNames);
        var constant = field.GetDefaultValue().IsNil ? "" : " = " + Constant(field.GetDefaultValue());
        members["field " + name] = $"{Access((int)field.Attributes)} {field.Attributes & (FieldAttributes.Static | FieldAttributes.InitOnly | FieldAttributes.Literal)} {Show(type, field.GetCustomAttributes(), typeContext)}{constant} {Marks(field.GetCustomAttributes())}";
    }

    public void Property(PropertyDefinitionHandle handle, Dictionary<string, string> members)
    {
        var property = metadata.GetPropertyDefinition(handle);
        var accessors = property.GetAccessors();
        var getter = accessors.Getter.IsNil ? "" : Accessor(accessors.Getter);
        var setter = accessors.Setter.IsNil ? "" : Accessor(accessors.Setter);
        if (getter.Length == 0 && setter.Length == 0)
        {
            return;
        }

        var signature = property.DecodeSignature(signatures, typeNames);
        // An accessor's own context wins over the type's; both accessors of one property agree.
        var some = metadata.GetMethodDefinition(accessors.Getter.IsNil ? accessors.Setter : accessors.Getter);
        var context = ContextOf(some.GetCustomAttributes(), typeContext);
        members["property " + metadata.GetString(property.Name)] =
            $"{Show(signature.ReturnType, property.GetCustomAttributes(), context)} get:[{getter}] set:[{setter}] {Marks(property.GetCustomAttributes())}";
    }

    public void Method(MethodDefinitionHandle handle, Dictionary<string, string> members)
    {
        var method = metadata.GetMethodDefinition(handle);
        var name = metadata.GetString(method.Name);
        var special = method.Attributes.HasFlag(MethodAttributes.SpecialName) && !name.StartsWith("op_", StringComparison.Ordinal) && name != ".ctor";
        if (special || !IsVisible(method.Attributes))
        {
            return;
        }

        var names = typeNames with { Method = [.. method.GetGenericParameters().Select(p => metadata.GetString(metadata.GetGenericParameter(p).Name))] };
        var signature = method.DecodeSignature(signatures, names);
        var context = ContextOf(method.GetCustomAttributes(), typeContext);
        var parameters = method.GetParameters().Select(metadata.GetParameter).ToDictionary(p => p.SequenceNumber);
        var oblivious = new string[signature.ParameterTypes.Length];
        var shown = new string[signature.ParameterTypes.Length];
        for (var i = 0; i < shown.Length; i++)
        {
            oblivious[i] = signature.ParameterTypes[i].Show(new NullableFlags([], 1));
            shown[i] = parameters.TryGetValue(i + 1, out var parameter) ? Parameter(parameter, signature.ParameterTypes[i], context) : oblivious[i];
        }

        var returns = parameters.TryGetValue(0, out var result)
            ? Show(signature.ReturnType, result.GetCustomAttributes(), context)
            : signature.ReturnType.Show(new NullableFlags([], context));
        // An interface's default body leaves its implementers free; a missing one does not.
        var body = method.RelativeVirtualAddress == 0 ? "" : "body ";
        var shape = method.Attributes & (MethodAttributes.Static | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.Final);
        members[$"method {name}`{signature.GenericParameterCount}({string.Join(", ", oblivious)})"] =
            $"{Access((int)method.Attributes)} {shape} {(shape.HasFlag(MethodAttributes.Virtual) ? body : "")}{returns} ({string.Join(", ", shown)}) {Constraints(method.GetGenericParameters())} {Marks(method.GetCustomAttributes())}";
    }

    private string Parameter(Parameter parameter, TypeNode type, byte context)
    {
        var attributes = parameter.GetCustomAttributes();
        var fallback = parameter.GetDefaultValue().IsNil ? "" : " = " + Constant(parameter.GetDefaultValue());
        var direction = parameter.Attributes.HasFlag(ParameterAttributes.Out) ? "out " : "";
        return $"{Marks(attributes)}{direction}{Show(type, attributes, context)} {metadata.GetString(parameter.Name)}{fallback}";
    }

    public string Constraints(GenericParameterHandleCollection parameters) => string.Join("; ", parameters.Select(handle =>
    {
        var parameter = metadata.GetGenericParameter(handle);
        var types = parameter.GetConstraints().Select(c => NameOf(metadata.GetGenericParameterConstraint(c).Type)).Order(StringComparer.Ordinal);
        var flags = FlagsOf(metadata, signatures, parameter.GetCustomAttributes(), Nullable);
        return $"where {metadata.GetString(parameter.Name)}: {parameter.Attributes} {string.Join(",", types)} {string.Join(",", flags)}";
    }));

    public string Marks(CustomAttributeHandleCollection attributes) => string.Join(' ', attributes
        .Select(metadata.GetCustomAttribute)
        .Select(a => (Name: AttributeName(a), Attribute: a))
        .Where(a => Telling.Contains(a.Name))
        .Select(a => $"[{a.Name} {Convert.ToHexString(metadata.GetBlobBytes(a.Attribute.Value))}]")
        .Order(StringComparer.Ordinal));

    public string NameOf(EntityHandle type) => type.Kind == HandleKind.TypeSpecification
        ? signatures.GetTypeFromSpecification(metadata, typeNames, (TypeSpecificationHandle)type, 0).Show(new NullableFlags([], 1))
        : signatures.NameOf(type);

    public static byte[] FlagsOf(MetadataReader metadata, SignatureReader signatures, CustomAttributeHandleCollection attributes, string name)
    {
        foreach (var handle in attributes)
        {
            var attribute = metadata.GetCustomAttribute(handle);
            if (AttributeName(metadata, signatures, attribute) != name)
            {
                continue;
            }

            // Two bytes of prolog; then one flag, or a length of four bytes and as many flags; two bytes at the end.
            var blob = metadata.GetBlobBytes(attribute.Value);
            return blob.Length == 5 ? [blob[2]] : blob[6..^2];
        }

        return [];
    }

    private static string AttributeName(MetadataReader metadata, SignatureReader signatures, CustomAttribute attribute) => attribute.Constructor.Kind switch
    {
        HandleKind.MemberReference => signatures.NameOf(metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent),
        _ => signatures.NameOf(metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType()),
    };

    private string AttributeName(CustomAttribute attribute) => AttributeName(metadata, signatures, attribute);

    private byte ContextOf(CustomAttributeHandleCollection attributes, byte outer) =>
        FlagsOf(metadata, signatures, attributes, NullableContext) is [var context] ? context : outer;

    private string Show(TypeNode type, CustomAttributeHandleCollection attributes, byte context) =>
        type.Show(new NullableFlags(FlagsOf(metadata, signatures, attributes, Nullable), context));

    private string Accessor(MethodDefinitionHandle handle)
    {
        var method = metadata.GetMethodDefinition(handle);
        if (!IsVisible(method.Attributes))
        {
            return "";
        }

        var shape = method.Attributes & (MethodAttributes.Static | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.Final);
        var init = InitMarker.IsOn(metadata, signatures, method) ? " init" : "";
        return $"{Access((int)method.Attributes)} {shape}{init}";
    }

    private static string Access(int attributes) => (attributes & 7) switch { 6 => "public", 5 or 4 => "protected", _ => "hidden" };

    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private string Constant(ConstantHandle handle)
    {
        var constant = metadata.GetConstant(handle);
        return $"{constant.TypeCode}:{Convert.ToHexString(metadata.GetBlobBytes(constant.Value))}";
    }
}

/// <summary>An <c>init</c> accessor is told from a setter by a required modifier on its return type.</summary>
internal static class InitMarker
{
    public static bool IsOn(MetadataReader metadata, SignatureReader signatures, MethodDefinition method)
    {
        var blob = metadata.GetBlobReader(method.Signature);
        blob.ReadSignatureHeader();
        blob.ReadCompressedInteger();
        return blob.ReadSignatureTypeCode() == SignatureTypeCode.RequiredModifier && signatures.NameOf(blob.ReadTypeHandle()).EndsWith("IsExternalInit", StringComparison.Ordinal);
    }
}
