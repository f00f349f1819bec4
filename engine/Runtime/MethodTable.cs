using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using Orleans;
using Orleans.Concurrency;

namespace Holdfast.Engine;

/// <summary>The methods of one grain or observer interface, numbered in the order of their names on the wire.</summary>
internal sealed class MethodTable
{
    private static readonly ConcurrentDictionary<Type, MethodTable> s_tables = new();

    private readonly FrozenDictionary<MethodInfo, Method> _byInfo;

    private MethodTable(Type type)
    {
        Interface = type;
        Name = TypeModel.NameOf(type);
        var infos = type.GetMethods().Concat(type.GetInterfaces().SelectMany(i => i.GetMethods())).OrderBy(WireName, StringComparer.Ordinal).ToArray();
        Methods = [.. infos.Select((info, number) => Method.Create(this, info, number))];
        _byInfo = Methods.ToFrozenDictionary(m => m.Info);
        Id = (uint)Hashing.Of(Encoding.UTF8.GetBytes(Name));
        Shape = (uint)Hashing.Of(Encoding.UTF8.GetBytes(string.Join('\n', Methods.Select(m => m.Signature))));
    }

    public Type Interface { get; }

    /// <summary>The interface's name on the wire.</summary>
    public string Name { get; }

    /// <summary>A hash of <see cref="Name"/>.</summary>
    public uint Id { get; }

    /// <summary>A hash of all signatures: two sides that differ in it must not talk through this interface.</summary>
    public uint Shape { get; }

    public Method[] Methods { get; }

    public static MethodTable For(Type type) => s_tables.GetOrAdd(type, static t => new MethodTable(t));

    public Method Find(MethodInfo info) => _byInfo[info];

    public static string WireName(MethodInfo info) => info.GetCustomAttribute<AliasAttribute>()?.Alias ?? info.Name;
}

/// <summary>One method of a grain or observer interface.</summary>
internal abstract class Method(MethodTable table, MethodInfo info, int number)
{
    private Codec[]? _parameters;
    private bool[]? _immutable;

    public MethodTable Table { get; } = table;

    public MethodInfo Info { get; } = info;

    public int Number { get; } = number;

    public bool Interleaves { get; } = info.IsDefined(typeof(AlwaysInterleaveAttribute));

    /// <summary>How long callers wait, where the method says so itself.</summary>
    public TimeSpan? Timeout { get; } = info.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;

    public string Signature => $"{MethodTable.WireName(Info)}({string.Join(", ", Info.GetParameters().Select(p => TypeName(p.ParameterType)))}): {TypeName(Info.ReturnType)}";

    /// <summary>The codecs of the parameters.</summary>
    public Codec[] Parameters => _parameters ??= [.. Info.GetParameters().Select(p => CodecTable.For(p.ParameterType))];

    public static Method Create(MethodTable table, MethodInfo info, int number)
    {
        var type = info.ReturnType;
        return type == typeof(Task) ? new PlainTaskMethod(table, info, number)
            : type == typeof(ValueTask) ? new PlainValueTaskMethod(table, info, number)
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) ? Generic(typeof(TaskMethod<>))
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>) ? Generic(typeof(ValueTaskMethod<>))
            : throw new NotSupportedException($"{table.Interface}.{info.Name} returns {type}; a grain method returns Task, Task<T>, ValueTask or ValueTask<T>.");

        Method Generic(Type definition) => (Method)Activator.CreateInstance(definition.MakeGenericType(type.GetGenericArguments()), table, info, number)!;
    }

    /// <summary>Sends a call and returns what the interface's method returns.</summary>
    public abstract object Send(GrainProxy target, object?[] arguments);

    /// <summary>A call that came over a link.</summary>
    public abstract ICall Receive(IncomingCall call);

    /// <summary>Replaces what the caller might still change by copies.</summary>
    public void CopyArguments(object?[] arguments)
    {
        var codecs = Parameters;
        var immutable = _immutable ??= [.. Info.GetParameters().Select(p => p.IsDefined(typeof(ImmutableAttribute)))];
        for (var i = 0; i < codecs.Length; i++)
        {
            if (!codecs[i].Shares && !immutable[i])
            {
                arguments[i] = codecs[i].CopyObject(arguments[i]);
            }
        }
    }

    public object?[] ReadArguments(ref Reader reader)
    {
        var codecs = Parameters;
        var arguments = new object?[codecs.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = codecs[i].ReadObject(ref reader);
        }

        return arguments;
    }

    public void WriteArguments(Writer writer, object?[] arguments)
    {
        var codecs = Parameters;
        for (var i = 0; i < codecs.Length; i++)
        {
            codecs[i].WriteObject(writer, arguments[i]);
        }
    }

    public override string ToString() => $"{Table.Interface.Name}.{Info.Name}";

    /// <summary>Compiles a call of the method on an object with boxed arguments.</summary>
    protected Func<object, object?[], TReturn> Compile<TReturn>()
    {
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var values = Info.GetParameters().Select((p, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType));
        var call = Expression.Call(Expression.Convert(target, Info.DeclaringType!), Info, values);
        return Expression.Lambda<Func<object, object?[], TReturn>>(call, target, arguments).Compile();
    }

    private static string TypeName(Type type) => type.IsGenericType
        ? $"{TypeModel.NameOf(type.GetGenericTypeDefinition())}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>"
        : type.IsArray ? TypeName(type.GetElementType()!) + "[]" : TypeModel.NameOf(type);
}

/// <summary>A method whose answer is a <typeparamref name="T"/>.</summary>
internal abstract class Method<T>(MethodTable table, MethodInfo info, int number) : Method(table, info, number)
{
    private readonly bool _immutable = info.ReturnParameter.IsDefined(typeof(ImmutableAttribute), inherit: false);

    /// <summary>The codec of the answer; null when there is nothing to say.</summary>
    public virtual Codec<T>? Result => CodecOf<T>.Instance;

    /// <summary>Calls the method. Either <paramref name="value"/> is its answer, or <paramref name="pending"/> is still to be awaited.</summary>
    public abstract bool TryInvoke(object target, object?[] arguments, out T value, out Task pending);

    /// <summary>The answer that a completed task holds.</summary>
    public abstract T ResultOf(Task completed);

    public override ICall Receive(IncomingCall call) => new IncomingCall<T>(this, call);

    /// <summary>What the caller gets: nothing that the grain can still change.</summary>
    public T CopyResult(T value) => value is null || _immutable || Result is not { Shares: false } codec ? value : codec.Copy(value, 0);

    /// <summary>Runs a call on the object that it is for, and answers it.</summary>
    public void Run(ICall<T> call, ITurnHost host)
    {
        T value;
        try
        {
            if (!TryInvoke(host.TargetOf(this), call.Arguments, out value, out var pending))
            {
                _ = FinishAsync(call, host, pending);
                return;
            }
        }
        catch (Exception e)
        {
            Fail(call, host, e);
            return;
        }

        Succeed(call, host, value);
    }

    // Awaits on the scheduler of the turn, so that the turn ends there too.
    private async Task FinishAsync(ICall<T> call, ITurnHost host, Task pending)
    {
        try
        {
            await pending;
        }
        catch (Exception e)
        {
            Fail(call, host, e);
            return;
        }

        Succeed(call, host, ResultOf(pending));
    }

    private static void Succeed(ICall<T> call, ITurnHost host, T value)
    {
        try
        {
            call.Succeed(value);
        }
        catch (Exception e)
        {
            // The answer cannot be copied or written: the caller is told that instead.
            call.Fail(e);
        }

        host.Ended(call);
    }

    private static void Fail(ICall<T> call, ITurnHost host, Exception exception)
    {
        host.Failed(exception);
        call.Fail(exception);
        host.Ended(call);
    }
}

#pragma warning disable VSTHRD002, CA2012 // Only the results of completed tasks are taken.
/// <summary>The answer of methods that have none.</summary>
internal readonly struct Nothing;

internal sealed class TaskMethod<T>(MethodTable table, MethodInfo info, int number) : Method<T>(table, info, number)
{
    private Func<object, object?[], Task<T>>? _invoke;

    public override object Send(GrainProxy target, object?[] arguments) => new LocalCall<T>(this, target, arguments).Send();

    public override T ResultOf(Task completed) => ((Task<T>)completed).Result;

    public override bool TryInvoke(object target, object?[] arguments, out T value, out Task pending)
    {
        var task = (_invoke ??= Compile<Task<T>>())(target, arguments);
        pending = task;
        value = task.IsCompletedSuccessfully ? task.Result : default!;
        return task.IsCompletedSuccessfully;
    }
}

internal sealed class ValueTaskMethod<T>(MethodTable table, MethodInfo info, int number) : Method<T>(table, info, number)
{
    private Func<object, object?[], ValueTask<T>>? _invoke;

    public override object Send(GrainProxy target, object?[] arguments) => new ValueTask<T>(new LocalCall<T>(this, target, arguments).Send());

    public override T ResultOf(Task completed) => ((Task<T>)completed).Result;

    public override bool TryInvoke(object target, object?[] arguments, out T value, out Task pending)
    {
        var task = (_invoke ??= Compile<ValueTask<T>>())(target, arguments);
        var done = task.IsCompletedSuccessfully;
        value = done ? task.Result : default!;
        pending = done ? Task.CompletedTask : task.AsTask();
        return done;
    }
}

internal abstract class PlainMethod(MethodTable table, MethodInfo info, int number) : Method<Nothing>(table, info, number)
{
    public override Codec<Nothing>? Result => null;

    public override Nothing ResultOf(Task completed) => default;
}

internal sealed class PlainTaskMethod(MethodTable table, MethodInfo info, int number) : PlainMethod(table, info, number)
{
    private Func<object, object?[], Task>? _invoke;

    public override object Send(GrainProxy target, object?[] arguments) => new LocalCall<Nothing>(this, target, arguments).Send();

    public override bool TryInvoke(object target, object?[] arguments, out Nothing value, out Task pending)
    {
        value = default;
        pending = (_invoke ??= Compile<Task>())(target, arguments);
        return pending.IsCompletedSuccessfully;
    }
}

internal sealed class PlainValueTaskMethod(MethodTable table, MethodInfo info, int number) : PlainMethod(table, info, number)
{
    private Func<object, object?[], ValueTask>? _invoke;

    public override object Send(GrainProxy target, object?[] arguments) => new ValueTask(new LocalCall<Nothing>(this, target, arguments).Send());

    public override bool TryInvoke(object target, object?[] arguments, out Nothing value, out Task pending)
    {
        value = default;
        var task = (_invoke ??= Compile<ValueTask>())(target, arguments);
        pending = task.IsCompletedSuccessfully ? Task.CompletedTask : task.AsTask();
        return pending.IsCompletedSuccessfully;
    }
}
