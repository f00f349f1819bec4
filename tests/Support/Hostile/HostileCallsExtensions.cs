using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.TestSupport.Hostile;

/// <summary>Makes calls hostile.</summary>
public static class HostileCallsExtensions
{
    /// <summary>Treats all calls that a silo or a client makes or takes, unless the environment says <c>HOLDFAST_HOSTILE=off</c>.</summary>
    /// <param name="services">The silo's or client's; the front's, where both are in one process.</param>
    /// <param name="options">How.</param>
    public static IServiceCollection AddHostileCalls(this IServiceCollection services, HostileOptions options)
    {
        if (!HostileOptions.IsOn)
        {
            return services;
        }

        var calls = new HostileCalls(options);
        services.AddSingleton<IOutgoingGrainCallFilter>(calls);
        return services.AddSingleton<IIncomingGrainCallFilter>(calls);
    }
}
