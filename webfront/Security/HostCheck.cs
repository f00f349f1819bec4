using Holdfast.WebFront.Problems;
using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Security;

/// <summary>
/// Refuses requests under a name that is not ours: a page elsewhere can point its own name at a loopback address (DNS rebinding) and would then
/// count as the same origin.
/// </summary>
internal sealed class HostCheck(RequestDelegate next, IOptions<FrontOptions> options)
{
    public Task InvokeAsync(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return Loopback.IsName(host) || IsHealth(http.Request.Path) || options.Value.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase) ? next(http)
            : Problem.Of(FrontCodes.HostNotAllowed, $"This front does not answer for '{host}'; its operator can list the name in Front:AllowedHosts.", "Host").ExecuteAsync(http);
    }

    /// <summary>Load balancers ask by address, and some without any name.</summary>
    private static bool IsHealth(PathString path) => path == "/healthz" || path == "/readyz";
}
