using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

[assembly: AssemblyFixture(typeof(SharedFront))]
[assembly: CollectionBehavior(MaxParallelThreads = 12)]

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>
/// One host for all tests that leave it as it is: each has tasks of its own, so what one does another must not notice. At the end nothing may
/// have gone wrong in it, whatever it was sent.
/// </summary>
public sealed class SharedFront : IAsyncLifetime
{
    private EmbeddedFront? _host;

    internal EmbeddedFront Host => _host ?? throw new InvalidOperationException("The host has not started.");

    internal Api Api => Host.Api;

    internal Uri Address => Host.Address;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _host = await EmbeddedFront.StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Assert.True(Host.Log.Errors.Count == 0, string.Join("\n", Host.Log.Errors));
    }
}
