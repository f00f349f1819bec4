namespace Holdfast.Hosting;

/// <summary>
/// What a process logs unless it is configured otherwise: what Holdfast has to say, and of others what somebody would have to do something about. A running
/// cluster is quiet; so is one in which a silo is replaced, the store is unavailable for a while, or viewers come and go.
/// </summary>
internal static class LogDefaults
{
    /// <summary>Levels by category, in the form of the configuration.</summary>
    public static IReadOnlyDictionary<string, string?> Levels { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Default"] = "Information",
        ["Microsoft"] = "Warning",
        ["Orleans"] = "Warning",

        // A request that this category logs has an activity and a log scope, and holds them for as long as it lasts: a viewer's, for as long as the viewer stays.
        ["Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",

        // Advises the server GC, which is decided here, at every start.
        ["Orleans.Runtime.Silo"] = "Error",

        // Takes the machine's uptime for a stall, at many a start. Real ones also degrade the silo's health, which LocalSiloHealthMonitor says.
        ["Orleans.Runtime.Watchdog"] = "Error",

        // Every try to place a grain, with the outcome of each.
        ["Polly"] = "Critical",

        // Calls that failed with a lost silo: each has a caller, who is told, and says so where it matters.
        ["Orleans.Runtime.CallbackData"] = "Error",
        ["Orleans.Runtime.GrainCallCancellationManager"] = "Critical",
        ["Orleans.Messaging"] = "Critical",

        // A silo that is stopping asks others where clients are, and is told that it is stopping.
        ["Orleans.Runtime.GrainDirectory.ClientDirectory"] = "Critical",

        // A batch for a front that stopped watching a moment ago.
        ["Orleans.ClientGrainContext"] = "Critical",

        // Notices are hints: those of a lost silo are lost with it.
        ["Orleans.Streams"] = "Critical",
        ["Orleans.Providers.MemoryAdapterReceiver"] = "Critical",

        // The name under which Orleans' memory streams say that a notice could not be put into the queue of a lost silo.
        ["Microsoft.Extensions.Logging.ILogger"] = "Critical",

        // The store is unavailable, which the log store says itself, once.
        ["Orleans.Runtime.MembershipService.MembershipAgent"] = "Critical",
        ["Orleans.Runtime.MembershipService.MembershipSystemTarget"] = "Critical",
    }.ToDictionary(level => "Logging:LogLevel:" + level.Key, level => (string?)level.Value, StringComparer.Ordinal);
}
