using Holdfast.Grains.Logs.Sqlite;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

public sealed class WriteQueueTests
{
    private readonly WriteQueue _queue = new(maxBytes: 100);

    [Fact]
    public async Task Take_GivesAllThatWaits_InOrder()
    {
        var operations = await EnterAsync(10, 20, 30);

        Assert.Equal(operations, Take());
        Assert.Empty(Take());
    }

    [Fact]
    public async Task Take_GivesAsMuchAsAskedFor_AndAtLeastOne()
    {
        var operations = await EnterAsync(10, 20, 30, 40);

        Assert.Equal(operations[..2], Take(bytes: 59));
        Assert.Equal(operations[2..3], Take(bytes: 1));
        Assert.Equal(operations[3..], Take());
    }

    [Fact]
    public async Task Enter_WhenItIsFull_WaitsForRoom_InOrder()
    {
        await EnterAsync(60, 40);
        var (large, small) = (new Operation(90), new Operation(1));
        var largeEnters = _queue.EnterAsync(large, default).AsTask();
        var smallEnters = _queue.EnterAsync(small, default).AsTask();
        Assert.False(largeEnters.IsCompleted);
        Assert.False(smallEnters.IsCompleted);

        Assert.Single(Take(bytes: 60));
        Assert.False(largeEnters.IsCompleted);
        Assert.False(smallEnters.IsCompleted);

        Assert.Single(Take());
        Assert.True(await largeEnters);
        Assert.True(await smallEnters);
        Assert.Equal([large, small], Take());
    }

    [Fact]
    public async Task Enter_WithMoreThanItHolds_IsLetInAlone()
    {
        var huge = new Operation(1000);
        Assert.True(await _queue.EnterAsync(huge, default));
        var next = _queue.EnterAsync(new Operation(1), default).AsTask();
        Assert.False(next.IsCompleted);

        Assert.Equal([huge], Take());
        Assert.True(await next);
    }

    [Fact]
    public async Task Enter_CancelledWhileWaiting_IsNeverTaken()
    {
        await EnterAsync(100);
        using var cancellation = new CancellationTokenSource();
        var given = new Operation(5);
        var entering = _queue.EnterAsync(given, cancellation.Token).AsTask();
        var after = _queue.EnterAsync(new Operation(6), default).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => entering);
        Take();
        Assert.True(await after);
        Assert.DoesNotContain(given, Take());
    }

    [Fact]
    public async Task Close_TurnsAwayWhoeverComesOrWaits_AndStillGivesWhatIsInside()
    {
        var inside = await EnterAsync(100);
        var waiting = _queue.EnterAsync(new Operation(5), default).AsTask();
        _queue.Close();

        Assert.False(await waiting);
        Assert.False(await _queue.EnterAsync(new Operation(1), default));
        var taken = new List<WriteOperation>();
        Assert.True(_queue.Take(taken, long.MaxValue, block: true));
        Assert.Equal(inside, taken);
        taken.Clear();
        Assert.False(_queue.Take(taken, long.MaxValue, block: true));
    }

    [Fact]
    public async Task Take_ThatBlocks_ComesBackWhenItIsWoken_OrSomethingCame()
    {
        var taking = Task.Run(() => _queue.Take([], long.MaxValue, block: true));
        _queue.Wake();
        Assert.True(await taking);

        var taken = new List<WriteOperation>();
        taking = Task.Run(() => _queue.Take(taken, long.MaxValue, block: true));
        var operations = await EnterAsync(1);
        Assert.True(await taking);
        Assert.Equal(operations, taken);
    }

    private async Task<WriteOperation[]> EnterAsync(params long[] sizes)
    {
        var operations = sizes.Select(size => (WriteOperation)new Operation(size)).ToArray();
        foreach (var operation in operations)
        {
            Assert.True(await _queue.EnterAsync(operation, default));
        }

        return operations;
    }

    private List<WriteOperation> Take(long bytes = long.MaxValue)
    {
        var taken = new List<WriteOperation>();
        Assert.True(_queue.Take(taken, bytes, block: false));
        return taken;
    }

    private sealed class Operation(long size) : WriteOperation
    {
        public override long Size => size;

        public override void Apply(LogTransaction transaction) => throw new NotSupportedException();

        public override void Complete() => throw new NotSupportedException();

        public override void Fail(Exception exception) => throw new NotSupportedException();
    }
}
