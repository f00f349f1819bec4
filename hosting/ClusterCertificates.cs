using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Orleans.Connections.Security;

namespace Holdfast.Hosting;

/// <summary>
/// Mutual TLS on the ports of silos: each process shows its certificate, and takes only those that its own authority has signed. Names of hosts do not
/// count, because silos are known by addresses, and neither do the authorities that the system trusts.
/// </summary>
internal sealed class ClusterCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _between;
    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext _shown;

    private ClusterCertificates(X509Certificate2 own, X509Certificate2Collection between, X509Certificate2Collection authorities)
    {
        (_own, _between, _authorities) = (own, between, authorities);
        _shown = SslStreamCertificateContext.Create(own, between, offline: true);
    }

    /// <summary>Reads the files that the settings name.</summary>
    /// <param name="settings">The settings: all three files, or none.</param>
    /// <param name="wrong">The option that is wrong, with the cure; null when nothing is.</param>
    /// <returns>The certificates; null when there are none, or when something is wrong.</returns>
    public static ClusterCertificates? Read(ClusterSettings settings, out (string Option, string Cure)? wrong)
    {
        wrong = Missing(settings);
        if (wrong is not null || !settings.HasCertificates())
        {
            return null;
        }

        var chain = Read(nameof(settings.Certificate), settings.Certificate, Certificates, ref wrong);
        var key = Read(nameof(settings.CertificateKey), settings.CertificateKey, File.ReadAllText, ref wrong);
        var authorities = Read(nameof(settings.Authority), settings.Authority, Certificates, ref wrong);
        var own = wrong is null ? Read(nameof(settings.CertificateKey), settings.CertificateKey, _ => WithKey(chain!, key!), ref wrong) : null;
        if (own is null)
        {
            return null;
        }

        var read = new ClusterCertificates(own, [.. chain!.Skip(1)], authorities!);
        wrong = read.Judge(settings);
        return wrong is null ? read : null;
    }

    /// <summary>Reads the files that the settings name; null when they name none.</summary>
    /// <exception cref="SetupException">They can't be used.</exception>
    public static ClusterCertificates? Load(ClusterSettings settings)
    {
        var certificates = Read(settings, out var wrong);
        return wrong is { } option ? throw new SetupException($"Cluster:{option.Option} {option.Cure}.") : certificates;
    }

    /// <summary>Whether a silo may show this certificate: one whose extended key usage leaves servers out is a front's.</summary>
    public bool CanServe => _own.Extensions.OfType<X509EnhancedKeyUsageExtension>().All(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(one => one.Value == ServerAuthentication));

    /// <summary>Sets up either end of a connection.</summary>
    public void Secure(TlsOptions options)
    {
        options.LocalCertificate = _own;
        options.RemoteCertificateMode = options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (_, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        options.OnAuthenticateAsServer = (_, server) =>
        {
            var tls = (SslServerAuthenticationOptions)server.SslServerAuthenticationOptions;
            (tls.ServerCertificateSelectionCallback, tls.ServerCertificateContext, tls.CertificateChainPolicy) = (null, _shown, Policy());
        };
        options.OnAuthenticateAsClient = (_, client) =>
        {
            var tls = (SslClientAuthenticationOptions)client.SslClientAuthenticationOptions;
            (tls.ClientCertificates, tls.ClientCertificateContext, tls.CertificateChainPolicy) = (null, _shown, Policy());
        };
    }

    private static (string Option, string Cure)? Missing(ClusterSettings settings)
    {
        (string Option, string Path)[] files =
            [(nameof(settings.Certificate), settings.Certificate), (nameof(settings.CertificateKey), settings.CertificateKey), (nameof(settings.Authority), settings.Authority)];
        var (given, missing) = (Array.Find(files, file => file.Path.Length > 0), Array.Find(files, file => file.Path.Length == 0));
        return given.Path is null || missing.Path is null ? null
            : (missing.Option, $"is missing, and Cluster:{given.Option} is there; name the files of all three: Cluster:Certificate, Cluster:CertificateKey and Cluster:Authority");
    }

    private static T? Read<T>(string option, string path, Func<string, T> read, ref (string Option, string Cure)? wrong)
        where T : class
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException or NotSupportedException)
        {
            wrong ??= (option, $"is '{path}', which can't be used: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. It is a PEM file, not encrypted; ./platform certs makes such files");
            return null;
        }
    }

    private static X509Certificate2Collection Certificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("there is no certificate in it");
    }

    private static X509Certificate2 WithKey(X509Certificate2Collection chain, string key) => X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key);

    private (string Option, string Cure)? Judge(ClusterSettings settings)
    {
        var (now, from, to) = (TimeProvider.System.GetUtcNow().UtcDateTime, _own.NotBefore.ToUniversalTime(), _own.NotAfter.ToUniversalTime());
        if (now < from || now > to)
        {
            return (nameof(settings.Certificate), $"is '{settings.Certificate}', which is valid from {from:u} to {to:u} only; make a new one, as with ./platform certs");
        }

        using var chain = new X509Chain { ChainPolicy = Policy() };
        chain.ChainPolicy.ExtraStore.AddRange(_between);
        return chain.Build(_own) ? null
            : (nameof(settings.Certificate), $"is '{settings.Certificate}', which the authority in '{settings.Authority}' (Cluster:Authority) does not vouch for; take both from the same ./platform certs");
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }
}
