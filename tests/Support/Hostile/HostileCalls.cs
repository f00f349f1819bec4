namespace Holdfast.TestSupport.Hostile;

/// <summary>
/// Treats calls as a network may, as far as call filters can: they and their answers take their time and overtake one another, are rejected before they
/// are executed, or are executed, now or later, while their caller is told of a time-out at once. Product code gets over all of it, since its correctness comes
/// from the log. Only the product's own interfaces are treated; Orleans' own traffic stays as it is.
/// </summary>
public sealed class HostileCalls(HostileOptions options) : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(HostileOptions.Seed);

    /// <summary>The caller's side.</summary>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!IsOurs(context))
        {
            await context.Invoke();
            return;
        }

        await MayDelayAsync();
        if (Chance(options.Rejected))
        {
            throw new SiloUnavailableException($"{Name(context)} was rejected on purpose ({HostileOptions.Remark}).");
        }

        if (Chance(options.LostReplies))
        {
            await LoseReplyAsync(context);
        }

        await context.Invoke();
        await MayDelayAsync();
    }

    /// <summary>The called one's side: an observer is called once it has answered, so a late answer holds up what comes next.</summary>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (IsOurs(context) && typeof(IGrainObserver).IsAssignableFrom(context.InterfaceMethod.DeclaringType) && Chance(options.LateAnswers))
        {
            await DelayAsync(options.LongestAnswer);
        }
    }

    private static bool IsOurs(IGrainCallContext context) =>
        context.InterfaceMethod?.DeclaringType?.Namespace?.StartsWith("Holdfast.", StringComparison.Ordinal) is true;

    private static string Name(IGrainCallContext context) => $"{context.InterfaceMethod.DeclaringType!.Name}.{context.MethodName} of {context.TargetId}";

    /// <summary>The call is on its way, and its caller hears nothing of it, before it is executed or after: nor of an exception that it ends with.</summary>
    private async Task LoseReplyAsync(IOutgoingGrainCallContext context)
    {
        var call = context.Invoke();
        if (Chance(0.5))
        {
            await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        throw new TimeoutException($"The answer of {Name(context)} was lost on purpose ({HostileOptions.Remark}).");
    }

    private Task MayDelayAsync() => Chance(options.Delayed) ? DelayAsync(options.LongestDelay) : Task.CompletedTask;

    private Task DelayAsync(TimeSpan longest) => Task.Delay(longest * Draw(), TimeProvider.System);

    private bool Chance(double share) => share > 0 && Draw() < share;

    private double Draw()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }
}
