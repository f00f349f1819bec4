using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>How nodes in different processes trust each other. Read from the configuration section <c>Engine</c>.</summary>
/// <param name="Secret"><c>Engine:SharedSecret</c>. Both sides prove that they know it; needed wherever an address is not loopback. Default: none.</param>
/// <param name="Certificate">
/// <c>Engine:Certificate</c>, a PKCS #12 file, and <c>Engine:CertificatePassword</c>. With it all connections are TLS, and each side
/// accepts exactly this certificate from the other. Default: none, no TLS.
/// </param>
internal sealed record TransportOptions(byte[] Secret, X509Certificate2? Certificate)
{
    public static TransportOptions Read(IConfiguration configuration) => new(
        Encoding.UTF8.GetBytes(configuration["Engine:SharedSecret"] ?? ""),
        configuration["Engine:Certificate"] is { Length: > 0 } path ? X509CertificateLoader.LoadPkcs12FromFile(path, configuration["Engine:CertificatePassword"]) : null);

    /// <summary>Refuses to listen to everybody on everything.</summary>
    public void Check(IPEndPoint endpoint)
    {
        if (Secret.Length == 0 && !IPAddress.IsLoopback(endpoint.Address))
        {
            throw new OrleansConfigurationException($"Silos that listen on {endpoint}, which is not loopback, need a shared secret: set Engine:SharedSecret (Engine__SharedSecret in the environment) on all silos and clients.");
        }
    }
}
