namespace Holdfast.WebFront.Rest;

/// <summary>Answers that are there in whole say how long they are.</summary>
internal static class WholeBody
{
    public static Task WriteWholeAsync(this HttpResponse response, ReadOnlyMemory<byte> body)
    {
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }
}
