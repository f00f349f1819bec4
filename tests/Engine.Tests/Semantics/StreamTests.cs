using System.Threading.Channels;
using Orleans.Streams;

namespace Holdfast.Engine.Tests.Semantics;

[GenerateSerializer, Alias("test.Notice")]
public sealed record Notice([property: Id(0)] int Number, [property: Id(1)] string Text);

public interface IPublisherGrain : IGrainWithStringKey
{
    Task PublishAsync(string stream, int from, int count);
}

[GrainType("test.publisher")]
public sealed class PublisherGrain : Grain, IPublisherGrain
{
    public async Task PublishAsync(string stream, int from, int count)
    {
        var notices = this.GetStreamProvider("notices").GetStream<Notice>(StreamId.Create("test", stream));
        for (var i = from; i < from + count; i++)
        {
            await notices.OnNextAsync(new Notice(i, "n"));
        }
    }
}

public interface IListenerGrain : IGrainWithStringKey
{
    Task ListenAsync(string stream);

    Task LeaveAsync(string stream);

    Task<int> SubscriptionsAsync(string stream);
}

[GrainType("test.listener")]
public sealed class ListenerGrain : Grain, IListenerGrain
{
    private int _sum;

    public Task ListenAsync(string stream) => Stream(stream).SubscribeAsync((notice, _) =>
    {
        // Runs as a turn of this grain: no lock needed.
        _sum += notice.Number;
        Gate.Open($"{this.GetPrimaryKeyString()} has {_sum}");
        return Task.CompletedTask;
    });

    public async Task LeaveAsync(string stream)
    {
        foreach (var handle in await Stream(stream).GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    public async Task<int> SubscriptionsAsync(string stream) => (await Stream(stream).GetAllSubscriptionHandles()).Count;

    private IAsyncStream<Notice> Stream(string key) => this.GetStreamProvider("notices").GetStream<Notice>(StreamId.Create("test", key));
}

/// <summary>Streams with explicit subscriptions.</summary>
public class StreamTests
{
    [Theory, Silos]
    public async Task A_client_that_subscribed_sees_what_is_published_afterwards_in_order(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;
        var key = NewKey();
        var seen = Channel.CreateUnbounded<int>();
        var handle = await Stream(client, key).SubscribeAsync(async (notice, _) => await seen.Writer.WriteAsync(notice.Number));

        await client.GetGrain<IPublisherGrain>(NewKey()).PublishAsync(key, 0, 100);

        Assert.Equal(Enumerable.Range(0, 100), await TakeAsync(seen, 100));
        await handle.UnsubscribeAsync();
    }

    [Theory, Silos]
    public async Task A_subscriber_that_fails_or_left_disturbs_nobody(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;
        var key = NewKey();
        var seen = Channel.CreateUnbounded<int>();
        var left = Channel.CreateUnbounded<int>();
        await Stream(client, key).SubscribeAsync((_, _) => throw new InvalidOperationException("bad subscriber"));
        var leaver = await Stream(client, key).SubscribeAsync(async (notice, _) => await left.Writer.WriteAsync(notice.Number));
        await Stream(client, key).SubscribeAsync(async (notice, _) => await seen.Writer.WriteAsync(notice.Number));
        var publisher = client.GetGrain<IPublisherGrain>(NewKey());

        await publisher.PublishAsync(key, 0, 3);
        Assert.Equal([0, 1, 2], await TakeAsync(left, 3));
        await leaver.UnsubscribeAsync();
        await publisher.PublishAsync(key, 3, 3);

        Assert.Equal(Enumerable.Range(0, 6), await TakeAsync(seen, 6));
        Assert.False(left.Reader.TryRead(out _));
        foreach (var handle in await Stream(client, key).GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    [Theory, Silos]
    public async Task A_grain_gets_what_it_subscribed_to_until_it_leaves(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;
        var key = NewKey();
        var listener = client.GetGrain<IListenerGrain>(NewKey());
        await listener.ListenAsync(key);
        Assert.Equal(1, await listener.SubscriptionsAsync(key));

        await client.GetGrain<IPublisherGrain>(NewKey()).PublishAsync(key, 1, 4);

        await Gate.Within($"{listener.GetPrimaryKeyString()} has 10");
        await listener.LeaveAsync(key);
        Assert.Equal(0, await listener.SubscriptionsAsync(key));
    }

    [Theory, Silos]
    public async Task The_end_of_a_stream_arrives(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;
        var key = NewKey();
        var seen = Channel.CreateUnbounded<int>();
        var stream = Stream(client, key);
        await stream.SubscribeAsync(
            async (notice, _) => await seen.Writer.WriteAsync(notice.Number),
            () =>
            {
                seen.Writer.Complete();
                return Task.CompletedTask;
            });

        await stream.OnNextAsync(new Notice(2, "b"));
        await stream.OnCompletedAsync();

        Assert.Equal([2], await TakeAsync(seen, 1));
        await seen.Reader.Completion.ForAsync("the end of the stream");
    }

    [Theory, Silos]
    public async Task A_provider_that_was_not_set_up_is_refused(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;

        Assert.ThrowsAny<Exception>(() => client.GetStreamProvider("nobody"));
    }

    private static IAsyncStream<Notice> Stream(IClusterClient client, string key) => client.GetStreamProvider("notices").GetStream<Notice>(StreamId.Create("test", key));

    private static async Task<List<int>> TakeAsync(Channel<int> channel, int count)
    {
        var taken = new List<int>();
        while (taken.Count < count)
        {
            taken.Add(await channel.Reader.ReadAsync().AsTask().ForAsync($"notice {taken.Count + 1} of {count}"));
        }

        return taken;
    }

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
