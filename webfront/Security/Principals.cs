using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Holdfast.WebFront.Security;

/// <summary>Who is asking.</summary>
internal static class Principals
{
    /// <summary>Without keys configured everybody is the same one.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The principal of a request.</summary>
    public static string Of(HttpContext http) => http.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity?.Name ?? Anonymous;
}
