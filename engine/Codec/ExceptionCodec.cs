using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Orleans.Serialization;

namespace Holdfast.Engine;

/// <summary>
/// Exceptions on the wire: marked ones with their members, framework ones with type and message,
/// all others as <see cref="CodecNotFoundException"/>.
/// </summary>
internal sealed class ExceptionCodec<T> : Codec<T>
    where T : Exception
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        writer.Varint(Tag.Of(field, Wire.Bytes));
        using var inner = new Writer();
        Exceptions.Write(inner, value, 0);
        writer.Bytes(inner.Span);
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Bytes, wire);
        var inner = new Reader(reader.Bytes(), reader.References);
        return Exceptions.Read(ref inner, 0) as T ?? throw new SerializerException($"An exception that is no {typeof(T)} came in its place.");
    }
}

internal static class Exceptions
{
    private const int MaxStack = 4096;
    private const int MaxInner = 8;

    private static readonly string[] s_frameworks = ["System", "Microsoft", "Orleans"];

    public static void Write(Writer writer, Exception exception, int depth)
    {
        var type = exception.GetType();
        if (!IsKnown(type))
        {
            exception = new CodecNotFoundException($"{type} has no serializer, so it cannot leave its silo: mark it [GenerateSerializer]. Its message was: {exception.Message}");
            type = exception.GetType();
        }

        writer.Text(TypeModel.IsSerializable(type) ? TypeModel.NameOf(type) : $"{type.FullName}, {type.Assembly.GetName().Name}");
        writer.Text(exception.Message);
        var stack = exception.StackTrace ?? "";
        writer.Text(stack.Length > MaxStack ? stack[..MaxStack] : stack);
        var members = TypeModel.IsSerializable(type) ? TypeModel.MembersOf(type) : [];
        writer.Varint((uint)members.Count);
        foreach (var member in members)
        {
            writer.Varint((uint)member.Level);
            CodecTable.For(member.Type).WriteMember(writer, member.Id, Get(member, exception));
        }

        var inner = depth < MaxInner ? exception.InnerException : null;
        writer.Varint(inner is null ? 0u : 1u);
        if (inner is not null)
        {
            Write(writer, inner, depth + 1);
        }
    }

    public static Exception Read(ref Reader reader, int depth)
    {
        var name = reader.Text();
        var message = reader.Text();
        var stack = reader.Text();
        var type = TypeModel.Find(name) ?? FrameworkType(name);
        var members = type is not null && TypeModel.IsSerializable(type) ? TypeModel.MembersOf(type) : [];
        var values = new List<(TypeMember Member, object? Value)>();
        for (var left = reader.Count(); left > 0; left--)
        {
            var level = (int)reader.Varint();
            var tag = reader.ReadTag();
            var member = members.Find(m => m.Level == level && m.Id + 1 == tag >> 3);
            if (member is null)
            {
                reader.Skip((Wire)(tag & 7));
            }
            else
            {
                values.Add((member, CodecTable.For(member.Type).ReadMember(ref reader, (Wire)(tag & 7))));
            }
        }

        var inner = reader.Varint() != 0 && depth <= MaxInner ? Read(ref reader, depth + 1) : null;
        var exception = type is null
            ? new CodecNotFoundException($"An exception of the unknown type {name} was thrown: {message}")
            : Create(type, message, inner);
        foreach (var (member, value) in values)
        {
            Set(member, exception, value);
        }

        return stack.Length > 0 ? ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack) : exception;
    }

    private static bool IsKnown(Type type) => TypeModel.IsSerializable(type) || (!type.IsGenericType
        && Array.Exists(s_frameworks, f => type.Namespace is { } ns && (ns == f || ns.StartsWith(f + ".", StringComparison.Ordinal))));

    private static Type? FrameworkType(string name)
    {
        var type = Array.Exists(s_frameworks, f => name.StartsWith(f + ".", StringComparison.Ordinal)) ? Type.GetType(name, throwOnError: false) : null;
        return type is { IsAbstract: false } && type.IsAssignableTo(typeof(Exception)) ? type : null;
    }

    private static Exception Create(Type type, string message, Exception? inner)
    {
        // A constructor leaves no member of a framework exception unset; a marked one sets its members itself.
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var marked = TypeModel.IsSerializable(type);
        var exception = (Exception)(
            (marked ? null : type.GetConstructor(Any, [typeof(string), typeof(Exception)])?.Invoke([message, inner]))
            ?? (marked ? null : type.GetConstructor(Any, [typeof(string)])?.Invoke([message]))
            ?? type.GetConstructor(Any, [])?.Invoke(null)
            ?? RuntimeHelpers.GetUninitializedObject(type));
        if (exception.Message != message)
        {
            MessageOf(exception) = message;
        }

        if (inner is not null && exception.InnerException is null)
        {
            InnerOf(exception) = inner;
        }

        return exception;
    }

    private static object? Get(TypeMember member, Exception owner) => member.Member is FieldInfo field ? field.GetValue(owner) : ((PropertyInfo)member.Member).GetValue(owner);

    private static void Set(TypeMember member, Exception owner, object? value)
    {
        if (member.Member is FieldInfo field)
        {
            field.SetValue(owner, value);
        }
        else
        {
            ((PropertyInfo)member.Member).SetValue(owner, value);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? MessageOf(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? InnerOf(Exception exception);
}
