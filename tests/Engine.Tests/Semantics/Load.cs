using System.Collections.Concurrent;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Callers that never stop: from the client, and from grain to grain.</summary>
public sealed class Load : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _callers;
    private readonly SemaphoreSlim _passed = new(0);

    public Load(IClusterClient client, int callers)
    {
        var prefix = Guid.NewGuid().ToString("N");
        _callers = [.. Enumerable.Range(0, callers).Select(n => Task.Run(() => CallAsync(client, prefix, n)))];
    }

    public ConcurrentBag<Exception> Failures { get; } = [];

    /// <summary>Waits until so many more rounds of calls have ended.</summary>
    public async Task PassAsync(int rounds)
    {
        // Rounds that have passed already do not count.
        while (_passed.CurrentCount > 0 && await _passed.WaitAsync(0))
        {
        }

        for (var i = 0; i < rounds; i++)
        {
            await _passed.WaitAsync().ForAsync($"round {i} of {rounds} under load");
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers).ForAsync("the callers to stop");
    }

    public void Dispose()
    {
        _stop.Dispose();
        _passed.Dispose();
    }

    private async Task CallAsync(IClusterClient client, string prefix, int number)
    {
        for (var round = 0; !_stop.IsCancellationRequested; round++)
        {
            try
            {
                // New grains and known ones, each answering from wherever it is by now.
                await client.GetGrain<IPlaceGrain>($"{prefix}/{number}/{round % 7}").AddAsync(1);
                await client.GetGrain<IPlaceGrain>($"{prefix}/{number}/walker").WalkAsync($"{prefix}/{number}/{round}/", 3);
            }
            catch (Exception e)
            {
                Failures.Add(e);
            }

            _passed.Release();
        }
    }
}
