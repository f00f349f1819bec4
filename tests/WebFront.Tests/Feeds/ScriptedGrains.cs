using System.Reflection;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Tasks;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>The cluster as a feed sees it, with a task that answers what a test says: for messages that come late, twice or never.</summary>
internal sealed class ScriptedGrains
{
    /// <summary>The cluster.</summary>
    public IClusterClient Client { get; }

    public ScriptedGrains()
    {
        var task = Proxy.Of<ITaskGrain>(CallTask);
        Client = Proxy.Of<IClusterClient>((method, arguments) => method.Name switch
        {
            nameof(IGrainFactory.GetGrain) when method.ReturnType == typeof(ITaskGrain) => task,
            nameof(IGrainFactory.CreateObjectReference) => arguments[0],
            nameof(IGrainFactory.DeleteObjectReference) => null,
            _ => throw new NotSupportedException($"No feed calls {method}."),
        });
    }

    /// <summary>The answer to a front that begins to watch.</summary>
    public Func<FrontWatch, Task<WatchReply>> Watch { get; set; } = static _ => new TaskCompletionSource<WatchReply>().Task;

    /// <summary>The answer to a front that renews.</summary>
    public Func<FrontRenewal, Task<WatchReply>> Renew { get; set; } = static _ => new TaskCompletionSource<WatchReply>().Task;

    /// <summary>Fronts that said that they watch no more.</summary>
    public List<string> Unwatched { get; } = [];

    private object? CallTask(MethodInfo method, object?[] arguments)
    {
        switch (method.Name)
        {
            case nameof(ITaskGrain.WatchAsync):
                return Watch((FrontWatch)arguments[0]!);
            case nameof(ITaskGrain.RenewAsync):
                return Renew((FrontRenewal)arguments[0]!);
            case nameof(ITaskGrain.UnwatchAsync):
                Unwatched.Add((string)arguments[0]!);
                return Task.CompletedTask;
            default:
                throw new NotSupportedException($"No feed calls {method}.");
        }
    }
}

/// <summary>An interface whose every call goes to one function.</summary>
public class Proxy : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _call = static (_, _) => null;

    public static T Of<T>(Func<MethodInfo, object?[], object?> call)
        where T : class
    {
        var proxy = Create<T, Proxy>();
        ((Proxy)(object)proxy)._call = call;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _call(targetMethod!, args ?? []);
}
