using System.Buffers;
using System.IO.Pipelines;

using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary>Reads request bodies up to a limit.</summary>
internal static class BodyReader
{
    /// <summary>The whole body.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, int maxBytes)
    {
        var reader = http.Request.BodyReader;
        if (http.Request.ContentLength > maxBytes)
        {
            await DiscardAsync(http, reader);
            throw TooLarge(maxBytes);
        }

        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                await DiscardAsync(http, reader);
                throw TooLarge(maxBytes);
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Reads the rest of a body that is too large, for a while: a peer that is still sending would see a reset instead of the answer.</summary>
    private static async Task DiscardAsync(HttpContext http, PipeReader reader)
    {
        var front = http.RequestServices.GetRequiredService<FrontContext>();
        using var limit = new CancellationTokenSource(front.Options.CloseWait, front.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            ReadResult read;
            do
            {
                read = await reader.ReadAsync(both.Token);
                reader.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It goes on and on: then a reset it is.
        }
    }

    private static ProblemException TooLarge(int maxBytes) => new(FrontCodes.BodyTooLarge, $"A body has at most {maxBytes} bytes here.");
}
