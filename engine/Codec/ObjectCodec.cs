using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Serialization;

namespace Holdfast.Engine;

/// <summary>A class or struct with numbered members. Unknown members are skipped, absent ones keep their default.</summary>
internal sealed class ObjectCodec<T> : Codec<T>
{
    private readonly bool _immutable = TypeModel.IsImmutable(typeof(T));
    private readonly bool _exact = typeof(T).IsValueType || typeof(T).IsSealed;

    // A type with a constructor without parameters may give its members other values than zero: those are always written.
    private readonly bool _constructs = !typeof(T).IsValueType && !typeof(T).IsAbstract
        && typeof(T).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is not null;

    private MemberCodec<T>[]? _members;

    public override bool Shares => _exact && (_immutable || (TypeModel.IsTuple(typeof(T)) && Members.All(m => m.Shares)));

    private MemberCodec<T>[] Members => _members ??= [.. TypeModel.MembersOf(typeof(T)).Select(MemberCodec<T>.For)];

    public override void WriteValue(Writer writer, uint field, T value)
    {
        if (!_exact && value!.GetType() != typeof(T))
        {
            WriteDerived(writer, field, value);
            return;
        }

        writer.Varint(Tag.Of(field, Wire.Object));
        WriteMembers(writer, value);
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        if (wire == Wire.Named)
        {
            var name = reader.Text();
            return DerivedCodec(TypeModel.Find(name), name).ReadAs<T>(ref reader);
        }

        Expect(Wire.Object, wire);
        if (typeof(T).IsAbstract)
        {
            throw Reader.Broken();
        }

        return ReadMembers(ref reader);
    }

    public override T Copy(T value, int depth)
    {
        if (!_exact && value!.GetType() != typeof(T))
        {
            return TypeModel.IsImmutable(value.GetType()) ? value : (T)DerivedCodec(value.GetType(), value.GetType().ToString()).CopyDerived(value, depth);
        }

        if (_immutable)
        {
            return value;
        }

        var copy = Create();
        var inner = Deeper(depth);
        foreach (var member in Members)
        {
            member.Copy(ref value, ref copy, inner);
        }

        return copy;
    }

    public void WriteMembers(Writer writer, T value)
    {
        writer.Enter();
        var level = 0;
        foreach (var member in Members)
        {
            for (; level < member.Level; level++)
            {
                writer.Varint(Tag.NextLevel);
            }

            member.Write(writer, ref value, _constructs);
        }

        writer.Varint(Tag.End);
        writer.Leave();
    }

    public T ReadMembers(ref Reader reader)
    {
        reader.Enter();
        var value = Create();
        var level = 0;
        var members = Members;
        var next = 0;
        for (var tag = reader.ReadTag(); tag != Tag.End; tag = reader.ReadTag())
        {
            if (tag == Tag.NextLevel)
            {
                level++;
                next = 0;
                continue;
            }

            // Members come in the order in which they are known, so that the next one is nearly always the one to try first.
            var id = (tag >> 3) - 1;
            var at = next;
            while (at < members.Length && (members[at].Id != id || members[at].Level != level))
            {
                at++;
            }

            if (at < members.Length)
            {
                members[at].Read(ref reader, (Wire)(tag & 7), ref value);
                next = at + 1;
            }
            else
            {
                reader.Skip((Wire)(tag & 7));
            }
        }

        reader.Leave();
        return value;
    }

    private T Create() => typeof(T).IsValueType ? default!
        : _constructs ? (T)Activator.CreateInstance(typeof(T), nonPublic: true)!
        : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));

    private static void WriteDerived(Writer writer, uint field, T value)
    {
        var type = value!.GetType();
        var codec = DerivedCodec(type, type.ToString());
        writer.Varint(Tag.Of(field, Wire.Named));
        writer.Text(TypeModel.NameOf(type));
        codec.WriteDerived(writer, value);
    }

    private static IDerivedCodec DerivedCodec(Type? type, string name) =>
        type is not null && typeof(T).IsAssignableFrom(type) && TypeModel.IsSerializable(type)
            ? DerivedCodecs.For(type)
            : throw new CodecNotFoundException($"'{name}' is no known [GenerateSerializer] type that derives from {typeof(T)}.");
}

/// <summary>Reaches the codec of a derived type from that of its base.</summary>
internal interface IDerivedCodec
{
    void WriteDerived(Writer writer, object value);

    TBase ReadAs<TBase>(ref Reader reader);

    object CopyDerived(object value, int depth);
}

internal static class DerivedCodecs
{
    private static readonly ConcurrentDictionary<Type, IDerivedCodec> s_codecs = new();

    public static IDerivedCodec For(Type type) =>
        s_codecs.GetOrAdd(type, static t => (IDerivedCodec)Activator.CreateInstance(typeof(DerivedCodec<>).MakeGenericType(t))!);
}

internal sealed class DerivedCodec<T> : IDerivedCodec
{
    private static ObjectCodec<T> Codec => (ObjectCodec<T>)CodecOf<T>.Instance;

    public void WriteDerived(Writer writer, object value) => Codec.WriteMembers(writer, (T)value);

    public TBase ReadAs<TBase>(ref Reader reader) => (TBase)(object)Codec.ReadMembers(ref reader)!;

    public object CopyDerived(object value, int depth) => Codec.Copy((T)value, depth)!;
}

/// <summary>One member of <typeparamref name="TOwner"/>.</summary>
internal abstract class MemberCodec<TOwner>
{
    public required int Level { get; init; }

    public required uint Id { get; init; }

    public abstract bool Shares { get; }

    public static MemberCodec<TOwner> For(TypeMember member) => (MemberCodec<TOwner>)typeof(MemberCodec<TOwner>)
        .GetMethod(nameof(Make), BindingFlags.Static | BindingFlags.NonPublic)!
        .MakeGenericMethod(member.Type)
        .Invoke(null, [member])!;

    public abstract void Write(Writer writer, ref TOwner owner, bool evenIfDefault);

    public abstract void Read(ref Reader reader, Wire wire, ref TOwner owner);

    public abstract void Copy(ref TOwner from, ref TOwner to, int depth);

    private static MemberCodec<TOwner, TValue> Make<TValue>(TypeMember member) => new(member) { Level = member.Level, Id = member.Id };
}

internal sealed class MemberCodec<TOwner, TValue> : MemberCodec<TOwner>
{
    private readonly Getter _get;
    private readonly Setter _set;
    private readonly bool _immutable;

    public MemberCodec(TypeMember member)
    {
        var get = Method(typeof(TValue), [typeof(TOwner).MakeByRefType()], out var getIl);
        LoadOwner(getIl);
        Load(getIl, member.Member);
        getIl.Emit(OpCodes.Ret);
        _get = get.CreateDelegate<Getter>();

        var set = Method(typeof(void), [typeof(TOwner).MakeByRefType(), typeof(TValue)], out var setIl);
        LoadOwner(setIl);
        setIl.Emit(OpCodes.Ldarg_1);
        Store(setIl, member.Member);
        setIl.Emit(OpCodes.Ret);
        _set = set.CreateDelegate<Setter>();
        _immutable = member.Member.IsDefined(typeof(Orleans.ImmutableAttribute), inherit: false);
    }

    private delegate TValue Getter(ref TOwner owner);

    private delegate void Setter(ref TOwner owner, TValue value);

    public override bool Shares => CodecOf<TValue>.Instance.Shares;

    public override void Write(Writer writer, ref TOwner owner, bool evenIfDefault)
    {
        var value = _get(ref owner);
        if (evenIfDefault || !IsDefault(value))
        {
            CodecOf<TValue>.Instance.Write(writer, Id + 1, value);
        }
    }

    public override void Read(ref Reader reader, Wire wire, ref TOwner owner) => _set(ref owner, CodecOf<TValue>.Instance.Read(ref reader, wire)!);

    public override void Copy(ref TOwner from, ref TOwner to, int depth)
    {
        var value = _get(ref from);
        var codec = CodecOf<TValue>.Instance;
        _set(ref to, value is null || _immutable || codec.Shares ? value : codec.Copy(value, depth));
    }

    private static bool IsDefault(TValue value)
    {
        if (default(TValue) is null)
        {
            return value is null;
        }

        // Only where equality with zero means that nothing is lost by leaving it out: -0.0 equals 0.0.
        return typeof(TValue) != typeof(double) && typeof(TValue) != typeof(float) && typeof(TValue) != typeof(decimal)
            && (typeof(TValue).IsPrimitive || typeof(TValue).IsEnum || typeof(TValue) == typeof(TimeSpan))
            && EqualityComparer<TValue>.Default.Equals(value, default);
    }

    private static DynamicMethod Method(Type returns, Type[] parameters, out ILGenerator il)
    {
        var method = new DynamicMethod("", returns, parameters, typeof(TOwner).Module, skipVisibility: true);
        il = method.GetILGenerator();
        return method;
    }

    private static void LoadOwner(ILGenerator il)
    {
        il.Emit(OpCodes.Ldarg_0);
        if (!typeof(TOwner).IsValueType)
        {
            il.Emit(OpCodes.Ldind_Ref);
        }
    }

    private static void Load(ILGenerator il, MemberInfo member)
    {
        if (member is FieldInfo field)
        {
            il.Emit(OpCodes.Ldfld, field);
        }
        else
        {
            Call(il, ((PropertyInfo)member).GetGetMethod(nonPublic: true)!);
        }
    }

    private static void Store(ILGenerator il, MemberInfo member)
    {
        if (member is FieldInfo field)
        {
            il.Emit(OpCodes.Stfld, field);
        }
        else
        {
            Call(il, ((PropertyInfo)member).GetSetMethod(nonPublic: true)!);
        }
    }

    private static void Call(ILGenerator il, MethodInfo method) => il.Emit(typeof(TOwner).IsValueType ? OpCodes.Call : OpCodes.Callvirt, method);
}
