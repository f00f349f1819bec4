using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Holdfast.Engine.Tests.Surface;

/// <summary>Decodes signatures to <see cref="TypeNode"/>s by name alone: nothing is loaded or resolved.</summary>
internal sealed class SignatureReader(MetadataReader metadata) : ISignatureTypeProvider<TypeNode, GenericNames>
{
    public TypeNode GetPrimitiveType(PrimitiveTypeCode typeCode) => TypeNode.Primitive(
        typeCode.ToString(),
        typeCode is not (PrimitiveTypeCode.String or PrimitiveTypeCode.Object));

    public TypeNode GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        new(NameOf(handle), rawTypeKind == (byte)SignatureTypeKind.ValueType, []);

    public TypeNode GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        new(NameOf(handle), rawTypeKind == (byte)SignatureTypeKind.ValueType, []);

    public TypeNode GetTypeFromSpecification(MetadataReader reader, GenericNames genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        metadata.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public TypeNode GetGenericInstantiation(TypeNode genericType, ImmutableArray<TypeNode> typeArguments) =>
        genericType with { Arguments = [.. typeArguments] };

    public TypeNode GetArrayType(TypeNode elementType, ArrayShape shape) => new("", false, [elementType], "[]");

    public TypeNode GetSZArrayType(TypeNode elementType) => new("", false, [elementType], "[]");

    public TypeNode GetByReferenceType(TypeNode elementType) => new("", false, [elementType], "&");

    public TypeNode GetPointerType(TypeNode elementType) => elementType with { Name = elementType.Name + "*" };

    public TypeNode GetPinnedType(TypeNode elementType) => elementType;

    public TypeNode GetModifiedType(TypeNode modifier, TypeNode unmodifiedType, bool isRequired) => unmodifiedType;

    public TypeNode GetFunctionPointerType(MethodSignature<TypeNode> signature) => TypeNode.Primitive("fnptr", true);

    public TypeNode GetGenericTypeParameter(GenericNames genericContext, int index) => new(genericContext.OfType(index), false, []);

    public TypeNode GetGenericMethodParameter(GenericNames genericContext, int index) => new(genericContext.OfMethod(index), false, []);

    /// <summary>A type's full name, nested ones after a dot.</summary>
    public string NameOf(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                var definition = metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
                var outer = definition.GetDeclaringType();
                return outer.IsNil
                    ? Join(metadata.GetString(definition.Namespace), metadata.GetString(definition.Name))
                    : Join(NameOf(outer), metadata.GetString(definition.Name));
            case HandleKind.TypeReference:
                var reference = metadata.GetTypeReference((TypeReferenceHandle)handle);
                return reference.ResolutionScope.Kind == HandleKind.TypeReference
                    ? Join(NameOf(reference.ResolutionScope), metadata.GetString(reference.Name))
                    : Join(metadata.GetString(reference.Namespace), metadata.GetString(reference.Name));
            default:
                return "?";
        }
    }

    private static string Join(string left, string right) => left.Length == 0 ? right : left + "." + right;
}

/// <summary>What the generic parameters in scope are called.</summary>
internal sealed record GenericNames(string[] Type, string[] Method)
{
    public string OfType(int index) => index < Type.Length ? Type[index] : "!" + index;

    public string OfMethod(int index) => index < Method.Length ? Method[index] : "!!" + index;
}
