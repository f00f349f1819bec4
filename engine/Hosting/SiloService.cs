using Microsoft.Extensions.Hosting;
using Orleans;

namespace Holdfast.Engine;

/// <summary>Starts and stops the silo with its host.</summary>
internal sealed class SiloService(Silo silo) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => silo.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => silo.StopAsync(cancellationToken);
}

/// <summary>Starts and stops the client with its host.</summary>
internal sealed class ClientService(ClientNode client, IEnumerable<IClientConnectionRetryFilter> filters) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => client.StartAsync(filters.LastOrDefault(), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken)
    {
        client.Stop();
        return Task.CompletedTask;
    }
}
