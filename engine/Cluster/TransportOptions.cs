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
/// <param name="ConnectTimeout"><c>Engine:ConnectTimeout</c>: how long connecting and being introduced may take. Default: 5 s.</param>
/// <param name="ReconnectDelay"><c>Engine:ReconnectDelay</c>: how long after the first failure a silo is tried again; then twice as long each time. Default: 500 ms.</param>
/// <param name="MaxReconnectDelay"><c>Engine:MaxReconnectDelay</c>: the longest such delay. Longer is quieter, shorter finds a silo sooner. Default: 5 s.</param>
internal sealed record TransportOptions(byte[] Secret, X509Certificate2? Certificate, TimeSpan ConnectTimeout, TimeSpan ReconnectDelay, TimeSpan MaxReconnectDelay)
{
    public static readonly TimeSpan DefaultReconnectDelay = TimeSpan.FromMilliseconds(500);

    public static TransportOptions Read(IConfiguration configuration) => new(
        Encoding.UTF8.GetBytes(configuration["Engine:SharedSecret"] ?? ""),
        configuration["Engine:Certificate"] is { Length: > 0 } path ? X509CertificateLoader.LoadPkcs12FromFile(path, configuration["Engine:CertificatePassword"]) : null,
        Time(configuration, "Engine:ConnectTimeout", TimeSpan.FromSeconds(5), TimeSpan.Zero),
        Time(configuration, "Engine:ReconnectDelay", DefaultReconnectDelay, TimeSpan.Zero),
        Time(configuration, "Engine:MaxReconnectDelay", TimeSpan.FromSeconds(5), Time(configuration, "Engine:ReconnectDelay", DefaultReconnectDelay, TimeSpan.Zero)));

    /// <summary>Refuses to listen to everybody on everything.</summary>
    public void Check(IPEndPoint endpoint)
    {
        if (Secret.Length == 0 && !IPAddress.IsLoopback(endpoint.Address))
        {
            throw new OrleansConfigurationException($"Silos that listen on {endpoint}, which is not loopback, need a shared secret: set Engine:SharedSecret (Engine__SharedSecret in the environment) on all silos and clients.");
        }
    }

    private static TimeSpan Time(IConfiguration configuration, string name, TimeSpan normal, TimeSpan least)
    {
        var time = configuration.GetValue<TimeSpan?>(name) ?? normal;
        return time > TimeSpan.Zero && time >= least ? time : throw new OrleansConfigurationException($"{name} is {time}; it must be positive, and not less than {least}.");
    }
}
