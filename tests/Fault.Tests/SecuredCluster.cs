using Holdfast.Chaos.Cluster;
using Holdfast.TestSupport;

namespace Holdfast.Fault.Tests;

/// <summary>Two silos and a front that speak mutual TLS, with the Orleans Dashboard on; and an authority that they do not know.</summary>
public sealed class SecuredCluster : IAsyncLifetime
{
    private CertificateFolder? _own;
    private CertificateFolder? _other;
    private LocalCluster? _cluster;

    internal LocalCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not started.");

    internal CertificateFolder Own => _own ?? throw new InvalidOperationException("There are no certificates.");

    internal CertificateFolder Other => _other ?? throw new InvalidOperationException("There are no certificates.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        (_own, _other) = (await CertificateFolder.MakeAsync(), await CertificateFolder.MakeAsync());
        _cluster = await LocalCluster.StartAsync(new ClusterPlan
        {
            Fronts = 1,
            Proxy = false,
            SiloArguments = [.. _own.SiloArguments, "--Silo:Dashboard", "true"],
            FrontArguments = _own.FrontArguments,
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.StopAsync();
            await cluster.DisposeAsync();
        }

        _own?.Dispose();
        _other?.Dispose();
    }
}
