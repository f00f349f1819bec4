using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class StreamHubGrain
{
    [LoggerMessage(7051, LogLevel.Warning, "The stream {Stream} drops items for the slow subscription {Subscription}.")]
    private static partial void LogDropped(ILogger logger, string stream, Guid subscription);

    [LoggerMessage(7052, LogLevel.Information, "An item of the stream {Stream} did not reach the subscription {Subscription}.")]
    private static partial void LogNotDelivered(ILogger logger, string stream, Guid subscription, Exception exception);
}
