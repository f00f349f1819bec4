using System.Net;

using Holdfast.Grains;
using Holdfast.WebFront.Problems;
using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Security;

/// <summary>From which pages this front may be used: its own, those on loopback, and the listed ones. The same for WebSocket, SSE and CORS.</summary>
internal sealed class OriginCheck(IOptions<FrontOptions> options)
{
    /// <summary>Why a request's page may not use this front; null when it may, or when it comes from no page.</summary>
    public Refusal? Check(HttpContext http)
    {
        var origin = http.Request.Headers.Origin.ToString();
        return http.Request.Headers.Origin.Count == 0 || IsOwn(origin, http.Request) || IsListed(origin) ? null
            : new Refusal(FrontCodes.OriginNotAllowed, $"Pages from '{origin}' may not use this front; its operator can list them in Front:AllowedOrigins.", "Origin");
    }

    /// <summary>True for origins on loopback and for listed ones.</summary>
    public bool IsListed(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (Loopback.IsName(uri.Host) || options.Value.AllowedOrigins.Any(allowed => allowed.TrimEnd('/').Equals(origin, StringComparison.OrdinalIgnoreCase)));

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What counts as this machine.</summary>
internal static class Loopback
{
    /// <summary>True for <c>localhost</c>, names under it, and loopback addresses.</summary>
    public static bool IsName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
