using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Fact]
    public async Task Read_AfterEachRecord_WithEachLimit_GivesAsManyAsFitAndAtLeastOne()
    {
        var writer = await CreateAndOpenAsync("a");
        int[] sizes = [1, 4, 1, 1, 7, 2, 1, 1, 3];
        foreach (var size in sizes)
        {
            await writer.AppendAsync(Enumerable.Range(1, size).Select(i => new string((char)('a' + size), (i * 37) % 200)));
        }

        var all = (await PageAsync("a")).Records;
        Assert.Equal(sizes.Sum(), all.Count);
        for (var after = 0L; after <= all.Last + 2; after++)
        {
            foreach (var records in Enumerable.Range(1, all.Count + 1).Append(int.MaxValue))
            {
                foreach (var bytes in new[] { 1, 100, 101, 150, 400, int.MaxValue })
                {
                    var page = await PageAsync("a", after, new LogLimit(records, bytes));
                    var expected = Fitting(all.After(after), records, bytes);
                    Assert.Equal((all.Last, expected.Count), (page.LastSeq, page.Records.Count));
                    if (expected.Count > 0)
                    {
                        Assert.Equal(after + 1, page.Records.First);
                        Assert.Equal(expected.Bytes.ToArray(), page.Records.Bytes.ToArray());
                    }
                }
            }
        }

        static RecordRun Fitting(RecordRun run, int records, int bytes)
        {
            var count = Math.Min(run.Count, records);
            while (count > 1 && run.UpTo(run.First + count - 1).Bytes.Length > bytes)
            {
                count--;
            }

            return run.UpTo(run.First + count - 1);
        }
    }

    [Fact]
    public async Task Read_ARecordLargerThanTheLimit_ComesAlone()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync("small", new string('x', 5000), "small again");
        await writer.AppendAsync(new string('y', 5000), "last");

        var limit = new LogLimit(int.MaxValue, 1000);
        Assert.Equal(["small"], (await PageAsync("a", 0, limit)).Records.Texts());
        Assert.Equal([new string('x', 5000)], (await PageAsync("a", 1, limit)).Records.Texts());
        Assert.Equal(["small again"], (await PageAsync("a", 2, limit)).Records.Texts());
        Assert.Equal([new string('y', 5000)], (await PageAsync("a", 3, limit)).Records.Texts());
    }

    [Fact]
    public async Task Read_ALongLogOfSingleRecords_FindsEveryPlace()
    {
        const int Count = 2500;
        var writer = await CreateAndOpenAsync("a");
        for (var n = 1; n <= Count; n++)
        {
            await writer.AppendAsync($"record {n}");
        }

        Assert.Equal(Numbered(1, Count), await TextsAsync("a"));
        for (var after = 0; after < Count; after += 7)
        {
            var page = await PageAsync("a", after, new LogLimit(3, 1 << 20));
            Assert.Equal(Numbered(after + 1, Math.Min(3, Count - after)), page.Records.Texts());
            Assert.Equal(after + 1, page.Records.First);
        }
    }

    [Fact]
    public async Task Read_PageByPage_GivesOneRunInLogsOfLargeRuns()
    {
        var writer = await CreateAndOpenAsync("a");
        for (var i = 0; i < 4; i++)
        {
            await writer.AppendAsync(Enumerable.Range(0, 2000).Select(n => $"{writer.LastSeq}-{n}-{new string('x', n % 700)}"));
        }

        var whole = (await PageAsync("a")).Records;
        Assert.Equal(8000, whole.Count);
        var pages = new List<RecordRun>();
        for (var after = 0L; after < whole.Last; after = pages[^1].Last)
        {
            var page = (await PageAsync("a", after, new LogLimit(1500, 100_000))).Records;
            Assert.InRange(page.Count, 1, 1500);
            Assert.InRange(page.Bytes.Length, 1, 100_000);
            pages.Add(page);
        }

        Assert.Equal(whole.Bytes.ToArray(), RecordRun.Join(pages).Bytes.ToArray());
    }

    [Fact]
    public async Task Read_GivesTheKeysOfThePagesRecords()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync(writer.Next("1", "2", "3") with { Keys = [new RecordKey(1, "one"), new RecordKey(3, "three")] });
        await writer.AppendAsync("4");
        await writer.AppendAsync(writer.Next("5", "6") with { Keys = [new RecordKey(5, "fünf"), new RecordKey(6, "one")] });

        Assert.Equal([new(1, "one"), new(3, "three"), new(5, "fünf"), new RecordKey(6, "one")], (await PageAsync("a")).Keys);
        Assert.Equal([new(3, "three"), new RecordKey(5, "fünf")], (await PageAsync("a", 1, new LogLimit(4, int.MaxValue))).Keys);
        Assert.Empty((await PageAsync("a", 3, new LogLimit(1, int.MaxValue))).Keys);
        Assert.Empty((await PageAsync("a", 6)).Keys);
    }

    [Fact]
    public async Task Read_WithoutALimit_Throws()
    {
        await CreateAsync("a");
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ReadAsync("a", -1, NoLimit));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ReadAsync("a", 0, new LogLimit(0, 100)));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ReadAsync("a", 0, new LogLimit(100, 0)));
    }

    [Fact]
    public async Task Read_WhileTheLogGrows_SeesItsBeginningWithoutAGap_AndHeadAndRecordsOfOneCommit()
    {
        const int Appends = 400;
        var writer = await CreateAndOpenAsync("a", "0");
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Appends; i++)
            {
                var last = writer.LastSeq + 1 + (i % 3);
                await writer.AppendAsync(writer.Next(Numbered((int)writer.LastSeq + 1, 1 + (i % 3))) with { Head = Bytes($"{last}") });
            }
        });
        var seen = new List<string>();
        while (!writing.IsCompleted || seen.Count < writer.LastSeq)
        {
            var head = await HeadAsync("a");
            Assert.Equal($"{head.LastSeq}", Text(head.Head));
            var page = await PageAsync("a", seen.Count, new LogLimit(50, int.MaxValue));
            Assert.True(page.LastSeq >= head.LastSeq, "A later read knows less than an earlier one.");
            seen.AddRange(page.Records.Texts());
        }

        await writing;
        Assert.Equal(Numbered(1, (int)writer.LastSeq), seen);
    }
}
