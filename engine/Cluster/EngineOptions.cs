using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>How nodes in different processes trust each other, and how much may wait in one of them. Read from the configuration section <c>Engine</c>.</summary>
internal sealed record EngineOptions
{
    public static readonly TimeSpan DefaultReconnectDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>What the section may hold. Clusters of tests also have <c>Hostile</c>.</summary>
    private static readonly string[] s_names =
    [
        nameof(SharedSecret), nameof(Certificate), "CertificatePassword", nameof(ConnectTimeout), nameof(ReconnectDelay), nameof(MaxReconnectDelay), nameof(MaxIntroductions),
        nameof(MaxLinkBytes), nameof(MaxObserverCalls), nameof(MaxPlaces), "Hostile",
    ];

    /// <summary><c>Engine:SharedSecret</c>. Both sides prove that they know it; needed wherever an address is not loopback. Default: none.</summary>
    public byte[] SharedSecret { get; private init; } = [];

    /// <summary>
    /// <c>Engine:Certificate</c>, a PKCS #12 file, and <c>Engine:CertificatePassword</c>. With it all connections are TLS, and each side
    /// accepts exactly this certificate from the other. Default: none, no TLS.
    /// </summary>
    public X509Certificate2? Certificate { get; private init; }

    /// <summary>
    /// <c>Engine:ConnectTimeout</c>: how long connecting and being introduced may take. Smaller: what does not answer is given up sooner; larger: slow
    /// networks are waited for. Default: 5 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>Engine:ReconnectDelay</c>: how long after the first failure a silo is tried again; then twice as long each time. Smaller: a short cut is
    /// over sooner; larger: fewer attempts. Default: 500 ms.
    /// </summary>
    public TimeSpan ReconnectDelay { get; private init; } = DefaultReconnectDelay;

    /// <summary><c>Engine:MaxReconnectDelay</c>: the longest such delay. Smaller: a silo is found again sooner; larger: fewer attempts. Default: 5 s.</summary>
    public TimeSpan MaxReconnectDelay { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>Engine:MaxIntroductions</c>: connections that are being introduced at once; one more is closed, and tries again. Smaller: strangers can take
    /// less; larger: very many fronts that come at once are in sooner. Default: 128.
    /// </summary>
    public int MaxIntroductions { get; private init; } = 128;

    /// <summary>
    /// <c>Engine:MaxLinkBytes</c>: bytes that may wait for one connection; beyond, it is closed, and its calls fail. Smaller: less memory for a peer
    /// that does not read; larger: longer pauses of peers are forgiven. Default: 64 MiB.
    /// </summary>
    public int MaxLinkBytes { get; private init; } = 64 << 20;

    /// <summary>
    /// <c>Engine:MaxObserverCalls</c>: calls that may wait for one observer, as of a front; one more fails. Smaller: less memory; larger: bursts are
    /// taken in whole. Default: 10,000.
    /// </summary>
    public int MaxObserverCalls { get; private init; } = 10_000;

    /// <summary>
    /// <c>Engine:MaxPlaces</c>: grains whose place a node remembers; when it is full all are forgotten. Smaller: less memory; larger: with more grains
    /// than this, fewer calls are sent on. Default: 200,000.
    /// </summary>
    public int MaxPlaces { get; private init; } = 200_000;

    /// <summary>Reads them.</summary>
    /// <exception cref="OrleansConfigurationException">A name that is none, or a value that can't be used.</exception>
    public static EngineOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Engine");
        if (section.GetChildren().FirstOrDefault(one => !s_names.Contains(one.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new OrleansConfigurationException($"There is no option Engine:{unknown.Key}; there are {string.Join(", ", s_names[..^1])}.");
        }

        var normal = new EngineOptions();
        var options = normal with
        {
            SharedSecret = Encoding.UTF8.GetBytes(section[nameof(SharedSecret)] ?? ""),
            Certificate = Load(section),
            ConnectTimeout = Time(section, nameof(ConnectTimeout), normal.ConnectTimeout),
            ReconnectDelay = Time(section, nameof(ReconnectDelay), normal.ReconnectDelay),
            MaxReconnectDelay = Time(section, nameof(MaxReconnectDelay), normal.MaxReconnectDelay),
            MaxIntroductions = Number(section, nameof(MaxIntroductions), normal.MaxIntroductions),
            MaxLinkBytes = Number(section, nameof(MaxLinkBytes), normal.MaxLinkBytes),
            MaxObserverCalls = Number(section, nameof(MaxObserverCalls), normal.MaxObserverCalls),
            MaxPlaces = Number(section, nameof(MaxPlaces), normal.MaxPlaces),
        };
        return options.MaxReconnectDelay >= options.ReconnectDelay ? options
            : throw new OrleansConfigurationException($"Engine:MaxReconnectDelay is {options.MaxReconnectDelay}; it is not less than Engine:ReconnectDelay, {options.ReconnectDelay}.");
    }

    /// <summary>Refuses to listen to everybody on everything.</summary>
    public void Check(IPEndPoint endpoint)
    {
        if (SharedSecret.Length == 0 && !IPAddress.IsLoopback(endpoint.Address))
        {
            throw new OrleansConfigurationException($"Silos that listen on {endpoint}, which is not loopback, need a shared secret: set Engine:SharedSecret (Engine__SharedSecret in the environment) on all silos and clients.");
        }
    }

    private static X509Certificate2? Load(IConfigurationSection section)
    {
        var path = section[nameof(Certificate)];
        try
        {
            return string.IsNullOrEmpty(path) ? null : X509CertificateLoader.LoadPkcs12FromFile(path, section["CertificatePassword"]);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new OrleansConfigurationException($"Engine:Certificate is '{path}', which can't be read: {e.Message} It is a PKCS #12 file, and Engine:CertificatePassword its password.", e);
        }
    }

    // Without colons .NET makes days of a number.
    private static TimeSpan Time(IConfigurationSection section, string name, TimeSpan normal) =>
        section[name] is not { } text ? normal
        : text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero && time <= TimeSpan.FromDays(24) ? time
        : throw new OrleansConfigurationException($"{section.Path}:{name} is '{text}'; it is a time, like 00:00:05 for five seconds, and positive.");

    private static int Number(IConfigurationSection section, string name, int normal) =>
        section[name] is not { } text ? normal
        : int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new OrleansConfigurationException($"{section.Path}:{name} is '{text}'; it is a whole number, like {normal}, and at least 1.");
}
