using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Rest;

/// <summary>A snapshot as an answer.</summary>
internal sealed class SnapshotResult(LogState state, int viewers, int status = StatusCodes.Status200OK, bool location = false) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (location)
        {
            response.Headers.Location = Paths.Task(httpContext.Request, state.Id);
        }

        await response.WriteWholeAsync(Snapshot.ToJson(state, viewers));
    }
}

/// <summary>JSON bytes as an answer.</summary>
internal sealed class JsonResult(ReadOnlyMemory<byte> json, int status = StatusCodes.Status200OK) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = "application/json";
        httpContext.Response.Headers.CacheControl = "no-store";
        await httpContext.Response.WriteWholeAsync(json);
    }
}
