using Microsoft.AspNetCore.Routing.Matching;

namespace Holdfast.WebFront.Rest;

/// <summary>Which methods a resource takes: <c>HEAD</c> wherever <c>GET</c>, <c>OPTIONS</c> everywhere, and <c>Allow</c> names what works.</summary>
internal static class Methods
{
    /// <summary>Whatever is mapped here with <c>GET</c> answers <c>HEAD</c>, too: the same answer, of which the server sends the head only.</summary>
    public static RouteGroupBuilder WithHead(this RouteGroupBuilder routes)
    {
        ((IEndpointConventionBuilder)routes).Finally(static endpoint =>
        {
            for (var i = 0; i < endpoint.Metadata.Count; i++)
            {
                if (endpoint.Metadata[i] is IHttpMethodMetadata { HttpMethods: var methods } && methods.Contains(HttpMethods.Get, StringComparer.Ordinal))
                {
                    endpoint.Metadata[i] = new HttpMethodMetadata(methods.Append(HttpMethods.Head).Distinct(StringComparer.Ordinal));
                }
            }
        });
        return routes;
    }

    /// <summary>A resource was asked for something else than it takes: it says what that is. To <c>OPTIONS</c> just this is the answer.</summary>
    /// <returns>What it takes.</returns>
    public static string Allowed(HttpContext http)
    {
        var methods = http.Response.Headers.Allow.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var allowed = string.Join(", ", methods.Append(HttpMethods.Options).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        http.Response.Headers.Allow = allowed;
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }

        return allowed;
    }
}

/// <summary>
/// A segment of a path that names a task, as <c>{taskId:task}</c>. <c>stream</c> is a resource of its own and no task's id, so that what can be done to
/// tasks is not offered there.
/// </summary>
internal sealed class TaskSegment : IRouteConstraint, IParameterLiteralNodeMatchingPolicy
{
    /// <summary>Its name in a route.</summary>
    public const string Name = "task";

    private const string Taken = "stream";

    /// <inheritdoc/>
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values.TryGetValue(routeKey, out var value) && value is string text && MatchesLiteral(routeKey, text);

    /// <inheritdoc/>
    public bool MatchesLiteral(string parameterName, string literal) => !literal.Equals(Taken, StringComparison.OrdinalIgnoreCase);
}
