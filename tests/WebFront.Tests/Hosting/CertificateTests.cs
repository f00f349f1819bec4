using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Holdfast.Hosting;
using Holdfast.TestSupport;

using Microsoft.Extensions.Hosting;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>The certificates of a cluster: made by <c>./platform certs</c>, judged at the start, and asked of the other end.</summary>
public sealed class CertificateTests(CertificateTests.Authorities authorities) : IClassFixture<CertificateTests.Authorities>
{
    private CertificateFolder Own => authorities.Own;

    private CertificateFolder Other => authorities.Other;

    [Fact]
    public async Task KeysAreTheirOwnersAlone_AndNothingIsOverwritten()
    {
        Assert.All(["authority.key", "silo.key", "front.key"], name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Own.File(name))));
        var before = await File.ReadAllBytesAsync(Own.File("authority.key"), TestContext.Current.CancellationToken);
        await using var again = ChildProcess.Start(CertificateFolder.Platform, "certs", Path.GetDirectoryName(Own.File("x"))!);
        again.Ignore();
        Assert.Equal(2, await again.WaitForExitAsync());
        Assert.Contains("already", await again.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Own.File("authority.key"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ASiloThatOthersReach_StartsWithCertificatesOnly()
    {
        Assert.StartsWith("Silo:Address is '10.0.0.5', which others can reach, and there are no certificates: set Cluster:Certificate,", await RefusedAsync("Holdfast.Silo", "--address", "10.0.0.5"), StringComparison.Ordinal);
        Assert.StartsWith("Silo:Address is '::', which others can reach,", await RefusedAsync("Holdfast.Silo", "--address", "::"), StringComparison.Ordinal);

        await using var started = ChildProcess.Start("Holdfast.Silo", ["--address", "10.0.0.5", "--redis", "127.0.0.1:1", "--urls", "http://127.0.0.1:0", .. Own.SiloArguments]);
        Assert.Contains("[3001]", await started.ReadLineAsync("its first line"), StringComparison.Ordinal);
        Assert.Contains("silo 10.0.0.5:11111 with mutual TLS", await started.ReadLineAsync("what it is"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cluster:Certificate is missing, and Cluster:CertificateKey is there; name the files of all three", "", "silo.key", "authority.pem")]
    [InlineData("Cluster:Authority is missing, and Cluster:Certificate is there; name the files of all three", "silo.pem", "silo.key", "")]
    [InlineData("Cluster:Certificate is '*none.pem', which can't be used: Could not find file '*none.pem'. It is a PEM file", "none.pem", "silo.key", "authority.pem")]
    [InlineData("Cluster:Certificate is '*silo.key', which can't be used: there is no certificate in it. It is a PEM file", "silo.key", "silo.key", "authority.pem")]
    [InlineData("Cluster:CertificateKey is '*none.key', which can't be used: Could not find file '*none.key'.", "silo.pem", "none.key", "authority.pem")]
    [InlineData("Cluster:CertificateKey is '*front.key', which can't be used: ", "silo.pem", "front.key", "authority.pem")]
    [InlineData("Cluster:CertificateKey is '*silo.pem', which can't be used: ", "silo.pem", "silo.pem", "authority.pem")]
    [InlineData("Cluster:Certificate is '*silo.pem', which the authority in '*front.pem' (Cluster:Authority) does not vouch for;", "silo.pem", "silo.key", "front.pem")]
    public async Task FilesThatCannotWork_EndTheStart_AndOneLineSaysWhatToDo(string line, string certificate, string key, string authority)
    {
        string[] arguments = [.. Option("Certificate", certificate), .. Option("CertificateKey", key), .. Option("Authority", authority)];
        foreach (var program in new[] { "Holdfast.Silo", "Holdfast.WebFront" })
        {
            Assert.StartsWith(line.Replace("*", Path.GetDirectoryName(Own.File("x")) + "/", StringComparison.Ordinal), await RefusedAsync(program, arguments), StringComparison.Ordinal);
        }

        string[] Option(string name, string file) => file.Length == 0 ? [] : [$"--Cluster:{name}", Own.File(file)];
    }

    [Fact]
    public async Task AnExpiredCertificate_EndsTheStart()
    {
        using var folder = new TempFolder();
        var (certificate, key) = (Path.Combine(folder.Path, "old.pem"), Path.Combine(folder.Path, "old.key"));
        using (var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            var now = TimeProvider.System.GetUtcNow();
            using var old = new CertificateRequest("CN=old", pair, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-2), now.AddDays(-1));
            await File.WriteAllTextAsync(certificate, old.ExportCertificatePem(), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        }

        Assert.Matches(
            $"^Cluster:Certificate is '{certificate}', which is valid from .*Z to .*Z only; make a new one",
            await RefusedAsync("Holdfast.WebFront", "--Cluster:Certificate", certificate, "--Cluster:CertificateKey", key, "--Cluster:Authority", certificate));
    }

    [Fact]
    public async Task TheCertificateOfAFront_IsNoSilos() =>
        Assert.StartsWith($"Cluster:Certificate is '{Own.File("front.pem")}', which is a front's", await RefusedAsync("Holdfast.Silo", Own.FrontArguments), StringComparison.Ordinal);

    [Fact]
    public async Task AFront_SpeaksToASiloOfItsOwnAuthority_AndToNoOther()
    {
        Assert.True(await SpeaksToAsync(Own, "silo"));
        Assert.False(await SpeaksToAsync(Other, "silo"));
        Assert.False(await SpeaksToAsync(Own, "front"));
    }

    /// <summary>Whether a front sends anything to a port that shows this certificate, and takes any.</summary>
    private async Task<bool> SpeaksToAsync(CertificateFolder authority, string role)
    {
        using var shown = X509Certificate2.CreateFromPemFile(authority.File(role + ".pem"), authority.File(role + ".key"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var settings = new ClusterSettings { Authority = Own.File("authority.pem"), Certificate = Own.File("front.pem"), CertificateKey = Own.File("front.key") };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client =>
        {
            settings.Connect(client);
            client.UseStaticClustering((IPEndPoint)listener.LocalEndpoint);
            client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
        });
        using var front = builder.Build();
        var start = front.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
#pragma warning disable CA5359 // It is the front that judges here.
            await using var tls = new SslStream(accepted.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = shown, ClientCertificateRequired = true, ApplicationProtocols = [new SslApplicationProtocol("Orleans1")] },
                TestContext.Current.CancellationToken);
            return await tls.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().ForAsync("the front's first word, or its refusal") > 0;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }
        finally
        {
            listener.Stop();
            Assert.NotNull(await Record.ExceptionAsync(() => start.ForAsync("the end of the front's attempt")));
        }
    }

    private static async Task<string> RefusedAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments);
        process.Ignore();
        Assert.Equal(2, await process.WaitForExitAsync());
        var said = (await process.Errors).TrimEnd();
        Assert.StartsWith("holdfast: ", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
        return said["holdfast: ".Length..];
    }

    /// <summary>Two authorities that know nothing of each other.</summary>
    public sealed class Authorities : IAsyncLifetime
    {
        private CertificateFolder? _own;
        private CertificateFolder? _other;

        /// <summary>The one.</summary>
        public CertificateFolder Own => _own ?? throw new InvalidOperationException("There are no certificates.");

        /// <summary>The other.</summary>
        public CertificateFolder Other => _other ?? throw new InvalidOperationException("There are no certificates.");

        /// <inheritdoc/>
        public async ValueTask InitializeAsync() => (_own, _other) = (await CertificateFolder.MakeAsync(), await CertificateFolder.MakeAsync());

        /// <inheritdoc/>
        public ValueTask DisposeAsync()
        {
            _own?.Dispose();
            _other?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
