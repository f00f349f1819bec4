using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>
/// The opening handshake of RFC 6455 (HTTP/1.1) and RFC 8441 (HTTP/2), up to the bare stream: frames are written as they are in the log, so the
/// framework's own framing would only be in the way. No extensions, so no compression.
/// </summary>
internal static class WebSocketUpgrade
{
    private const string Subprotocol = "holdfast.v1";

    /// <summary>True when this is the opening of a WebSocket, well-formed or not.</summary>
    public static bool IsRequested(HttpContext http) =>
        IsExtendedConnect(http) || (HttpMethods.IsGet(http.Request.Method)
            && http.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
            && http.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase));

    /// <summary>Accepts the upgrade; null, with the status set, when the handshake is malformed.</summary>
    public static async Task<Stream?> AcceptAsync(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        if (request.Headers.SecWebSocketVersion != "13")
        {
            response.StatusCode = StatusCodes.Status426UpgradeRequired;
            response.Headers.SecWebSocketVersion = "13";
            return null;
        }

        if (request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(Subprotocol, StringComparer.Ordinal))
        {
            response.Headers.SecWebSocketProtocol = Subprotocol;
        }

        // A socket lives as long as it likes: none of the limits of a request's body apply.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return await connect.AcceptAsync();
        }

        var key = request.Headers.SecWebSocketKey.ToString();
        if (!IsKey(key))
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            return null;
        }

        response.Headers.Connection = "Upgrade";
        response.Headers.Upgrade = "websocket";
        response.Headers.SecWebSocketAccept = Accept(key);
        return await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    private static bool IsExtendedConnect(HttpContext http) =>
        http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };

    private static bool IsKey(string key)
    {
        Span<byte> nonce = stackalloc byte[24];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16;
    }

    /// <summary>RFC 6455 section 4.2.2: what proves to the client that it was understood. SHA-1 is the protocol's choice and protects nothing.</summary>
    private static string Accept(string key)
    {
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // RFC 6455 prescribes it.
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"), hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }
}
