using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

using Holdfast.Chaos.Cluster;
using Holdfast.Grains.Fronts;
using Holdfast.Hosting;
using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Fault.Tests;

/// <summary>The ports of a silo: who may speak to them, and what becomes of those who speak nonsense.</summary>
public sealed class PortsTests(ClusterFixture plain, SecuredCluster secured) : IClassFixture<SecuredCluster>
{
    private static readonly byte[] Zeros = new byte[4096];

    [Fact]
    public async Task OverMutualTls_ATaskIsCreatedAndRead_AndBothSilosAreThere()
    {
        using var api = new Api(secured.Cluster.Fronts[0].Address);
        await RunATaskAsync(api);
        Assert.Equal(2, (await api.GetAsync("/api/v1/monitor")).Is(HttpStatusCode.OK)["silos"].GetArrayLength());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RandomBytes_AreAnsweredByAClosedConnection_AndNothingElse(bool tls)
    {
        var cluster = tls ? secured.Cluster : plain.Cluster;
        var errors = Errors(cluster);
        foreach (var port in cluster.Silos.SelectMany(silo => silo.Ports))
        {
            for (var n = 0; n < 50; n++)
            {
                await SpeakAsync(port, Random.Shared.GetItems(Everything, 1 + Random.Shared.Next(8192)));
            }

            // The first four bytes are a length, for those who know no TLS.
            await SpeakAsync(port, Zeros);
            await SpeakAsync(port, [0, 4, 0, 0, .. Random.Shared.GetItems(Everything, 1024)]);
            await SpeakAsync(port, [0xff, 0xff, 0xff, 0xff]);
            await SpeakAsync(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            await SpeakAsync(port, []);
        }

        using var api = new Api(cluster.Fronts[0].Address);
        await RunATaskAsync(api);
        Assert.All(cluster.Silos, silo => Assert.True(silo.Runs));
        await cluster.UntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(errors, Errors(cluster));
    }

    [Fact]
    public async Task AClient_WithACertificateOfTheRightAuthority_IsLetIn()
    {
        Assert.Equal(2, await SilosAsync(new ClusterSettings
        {
            Redis = Redis,
            Authority = secured.Own.File("authority.pem"),
            Certificate = secured.Own.File("front.pem"),
            CertificateKey = secured.Own.File("front.key"),
        }));
    }

    [Fact]
    public Task AClient_WithoutTls_IsKeptOut() => AssertKeptOutAsync(_ => { });

    [Fact]
    public Task AClient_WithoutACertificate_IsKeptOut() => AssertKeptOutAsync(client => client.UseTls(tls => tls.AllowAnyRemoteCertificate()));

    [Fact]
    public async Task AClient_WithACertificateOfAnotherAuthority_IsKeptOut()
    {
        using var other = X509Certificate2.CreateFromPemFile(secured.Other.File("front.pem"), secured.Other.File("front.key"));
        await AssertKeptOutAsync(client => client.UseTls(other, tls => tls.AllowAnyRemoteCertificate()));
    }

    [Fact]
    public async Task TheDashboard_IsServedWhereItIsTurnedOn_ToThisMachineAlone()
    {
        using var http = new HttpClient();
        using var on = await http.GetAsync(new Uri(secured.Cluster.Silos[0].Address, "/orleans/"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, on.StatusCode);
        Assert.Contains("Orleans", await on.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var counters = await http.GetAsync(new Uri(secured.Cluster.Silos[0].Address, "/orleans/DashboardCounters"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);

        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, new Uri(secured.Cluster.Silos[0].Address, "/orleans/")) { Headers = { Host = "example.com" } };
        using var refused = await http.SendAsync(elsewhere, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        using var off = await http.GetAsync(new Uri(plain.Cluster.Silos[0].Address, "/orleans/"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, off.StatusCode);
    }

    private static byte[] Everything { get; } = [.. Enumerable.Range(0, 256).Select(n => (byte)n)];

    private string Redis => $"127.0.0.1:{secured.Cluster.Redis.Address.Port}";

    private static async Task RunATaskAsync(Api api)
    {
        var task = await api.EchoAsync(new { count = 5, interval_ms = 1 });
        await api.EndOfAsync(task);
        Assert.Equal(["created", "completed"], [(await api.LogAsync(task))[0].Type, (await api.LogAsync(task))[^1].Type]);
    }

    /// <summary>Lines at the level of errors in the silos' logs.</summary>
    private static string[] Errors(LocalCluster cluster) =>
        [.. cluster.Silos.SelectMany(silo => File.ReadLines(silo.Log)).Where(line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal))];

    /// <summary>Says something to a port, and waits until the other end closes.</summary>
    private static async Task SpeakAsync(int port, byte[] words)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await socket.SendAsync(words);
            socket.Shutdown(SocketShutdown.Send);
            var answer = new byte[4096];
            while (await socket.ReceiveAsync(answer).ForAsync("the end of the connection") > 0)
            {
                // An alert of TLS, or a greeting.
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // Closed before it had all been read.
        }
    }

    private static async Task<int> SilosAsync(ClusterSettings settings, Action<IClientBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client =>
        {
            settings.Connect(client);
            configure?.Invoke(client);

            // A front would try for ever.
            client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
        });
        using var host = builder.Build();
        await host.StartAsync().ForAsync("a connection, or its refusal");
        var silos = await host.Services.GetRequiredService<IClusterClient>().GetGrain<IFrontRosterGrain>(FrontRoster.Key).SilosAsync();
        await host.StopAsync();
        return silos.Length;
    }

    private async Task AssertKeptOutAsync(Action<IClientBuilder> configure)
    {
        var refused = await Record.ExceptionAsync(() => SilosAsync(new ClusterSettings { Redis = Redis }, configure));
        Assert.IsType<Orleans.Runtime.Messaging.ConnectionFailedException>(refused);
    }
}
