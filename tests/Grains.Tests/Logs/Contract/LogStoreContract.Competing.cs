using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Fact]
    public async Task ManyLogs_AppendedToAtOnce_EachKeepItsOwnOrder()
    {
        var writers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => CreateAndOpenAsync($"{i}")));
        await Task.WhenAll(writers.Select(async (writer, i) =>
        {
            for (var n = 1; n <= 20; n++)
            {
                await writer.AppendAsync(writer.Next($"{i}: {n}") with { Head = n % 3 == 0 ? Bytes($"{n}") : default(ReadOnlyMemory<byte>?) });
            }
        }));

        for (var i = 0; i < writers.Length; i++)
        {
            Assert.Equal(Enumerable.Range(1, 20).Select(n => $"{i}: {n}"), await TextsAsync($"{i}"));
            Assert.Equal("18", Text((await HeadAsync($"{i}")).Head));
        }
    }

    [Fact]
    public async Task Owners_TakingALogFromEachOther_NeverWriteAfterTheNextOneOpened()
    {
        await CreateAsync("a");
        var stored = await Task.WhenAll(Enumerable.Range(0, 4).Select(owner => Task.Run(async () =>
        {
            var mine = new List<(long Seq, string Text)>();
            for (var term = 0; term < 25; term++)
            {
                var writer = await OpenAsync("a");
                for (var n = 0; n < 10; n++)
                {
                    var append = writer.Next($"{writer.Fence} by {owner}, {n}");
                    var result = await writer.TryAsync(append);
                    if (result.Outcome != AppendOutcome.Ok)
                    {
                        Assert.Equal(AppendOutcome.Fenced, result.Outcome);
                        break;
                    }

                    mine.Add((result.LastSeq, append.Records.Texts()[0]));
                }
            }

            return mine;
        })));

        var all = await TextsAsync("a");
        Assert.Equal(stored.SelectMany(mine => mine).OrderBy(record => record.Seq).Select(record => record.Text), all);
        var fences = all.Select(text => long.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(fences.Order(), fences);
    }
}
