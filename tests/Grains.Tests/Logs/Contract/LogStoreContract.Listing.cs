using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Fact]
    public async Task List_ByTag_GivesTheNewestFirst()
    {
        await CreateAsync("a", "head a", "status=running");
        await CreateAsync("b", "head b", "status=queued");
        await CreateAsync("c", "head c", "status=running");

        var list = await Store.ListAsync(new LogQuery(Tags("status=running"), 10));
        Assert.Equal([("c", "head c"), ("a", "head a")], list.Logs.Select(log => (log.Id, Text(log.Head))));
        Assert.Null(list.NextCursor);
        list = await Store.ListAsync(new LogQuery(Tags("status=running"), 10, OldestFirst: true));
        Assert.Equal(["a", "c"], list.Logs.Select(log => log.Id));
    }

    [Fact]
    public async Task List_BySeveralTags_GivesTheLogsThatCarryAll()
    {
        for (var i = 0; i < 60; i++)
        {
            await CreateAsync($"{i:00}", "head", $"two={i % 2}", $"three={i % 3}", $"five={i % 5}", $"value {i}=");
        }

        Assert.Equal(["45", "15"], await IdsAsync("two=1", "three=0", "five=0"));
        Assert.Equal(["54", "48", "42", "36", "30", "24", "18", "12", "06", "00"], await IdsAsync("three=0", "two=0"));
        Assert.Equal(["07"], await IdsAsync("value 7=", "two=1"));
        Assert.Empty(await IdsAsync("value 7=", "two=0"));
        Assert.Empty(await IdsAsync("two=0", "two=1"));
        Assert.Empty(await IdsAsync("four=0"));
        Assert.Empty(await IdsAsync("TWO=0"));
        Assert.Equal(60, (await IdsAsync()).Length);
    }

    [Fact]
    public async Task List_FollowsTheTags_AndShowsTheNewestState()
    {
        var writer = await CreateAndOpenAsync("a", "first", "status=running", "kind=echo");
        await CreateAsync("b", "other", "status=running", "kind=echo");
        await writer.AppendAsync(writer.Next("one") with { Head = Bytes("second") });
        Assert.Equal(["b", "a"], await IdsAsync("status=running"));

        await writer.AppendAsync(writer.Next("two") with { Tags = Tags("kind=echo", "status=completed"), Seal = true });

        Assert.Equal(["b"], await IdsAsync("status=running"));
        Assert.Equal(["b", "a"], await IdsAsync("kind=echo"));
        var listed = Assert.Single((await Store.ListAsync(new LogQuery(Tags("status=completed"), 10))).Logs);
        Assert.Equal(("a", 2, true, "second"), (listed.Id, listed.LastSeq, listed.Sealed, Text(listed.Head)));
        Assert.Equal((await HeadAsync("a")).Epoch, listed.Epoch);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(10, false)]
    [InlineData(20, false)]
    [InlineData(1, true)]
    [InlineData(7, true)]
    [InlineData(20, true)]
    public async Task List_PageByPage_GivesEachLogOnceInOrder(int limit, bool oldestFirst)
    {
        for (var i = 0; i < 40; i++)
        {
            await CreateAsync($"{i:00}", "head", $"half={i % 2}");
        }

        var expected = Enumerable.Range(0, 40).Where(i => i % 2 == 1).Select(i => $"{i:00}");
        Assert.Equal(oldestFirst ? expected : expected.Reverse(), (await PagesAsync(limit, oldestFirst, "half=1")).SelectMany(page => page));
        Assert.Equal((20 + limit - 1) / limit, (await PagesAsync(limit, oldestFirst, "half=1")).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_WhileLogsComeAndGo_NeitherSkipsNorRepeatsThoseThatStay(bool oldestFirst)
    {
        for (var i = 0; i < 30; i++)
        {
            await CreateAsync($"{i:00}", "head", "kind=echo");
        }

        var seen = new List<string>();
        string? cursor = null;
        for (var round = 0; round == 0 || cursor is not null; round++)
        {
            var page = await Store.ListAsync(new LogQuery(Tags("kind=echo"), 5, cursor, oldestFirst));
            seen.AddRange(page.Logs.Select(log => log.Id));
            cursor = page.NextCursor;
            await CreateAsync($"new {round}", "head", "kind=echo");
            foreach (var log in page.Logs.TakeLast(1))
            {
                await Store.DeleteAsync(log.Id);
            }

            await Store.DeleteAsync($"{(round * 7) % 30:00}");
            Assert.True(round < 20, "The list has no end.");
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.Empty((await IdsAsync("kind=echo")).Where(id => !id.StartsWith("new", StringComparison.Ordinal)).Except(seen));
        var old = seen.Where(id => !id.StartsWith("new", StringComparison.Ordinal)).ToArray();
        Assert.Equal(oldestFirst ? old.Order(StringComparer.Ordinal) : old.OrderDescending(StringComparer.Ordinal), old);
    }

    [Fact]
    public async Task List_WhileTagsChange_ShowsEachLogWithTagsAndHeadOfOneMoment()
    {
        var writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => CreateAndOpenAsync($"{i}", "odd=0", "odd=0", "kind=echo")));
        var writing = Task.WhenAll(writers.Select(writer => Task.Run(async () =>
        {
            for (var n = 1; n <= 40; n++)
            {
                var odd = $"odd={n % 2}";
                await writer.AppendAsync(writer.Next($"{n}") with { Head = Bytes(odd), Tags = Tags(odd, "kind=echo") });
            }
        })));
        for (var round = 0; round < 10 || !writing.IsCompleted; round++)
        {
            var odd = $"odd={round % 2}";
            var list = await Store.ListAsync(new LogQuery(Tags("kind=echo", odd), 100));
            Assert.All(list.Logs, log => Assert.Equal(odd, Text(log.Head)));
        }

        await writing;
        Assert.Equal(8, (await IdsAsync("kind=echo", "odd=0")).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("17")]
    [InlineData("not a cursor at all")]
    [InlineData("AQAAAAAAAAABAAA")]
    [InlineData("é")]
    public async Task List_WithACursorThatNoStoreGave_Throws(string cursor)
    {
        await CreateAsync("a");
        await Assert.ThrowsAsync<InvalidListCursorException>(async () => await Store.ListAsync(new LogQuery([], 10, cursor)));
    }

    [Fact]
    public async Task List_WithAChangedCursor_Throws()
    {
        await CreateAsync("a");
        await CreateAsync("b");
        var cursor = (await Store.ListAsync(new LogQuery([], 1))).NextCursor!;
        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = cursor[..i] + (cursor[i] == 'x' ? 'y' : 'x') + cursor[(i + 1)..];
            await Assert.ThrowsAsync<InvalidListCursorException>(async () => await Store.ListAsync(new LogQuery([], 1, changed)));
        }

        Assert.Equal("a", Assert.Single((await Store.ListAsync(new LogQuery([], 1, cursor))).Logs).Id);
    }

    [Fact]
    public async Task List_OfNoLogs_Throws()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ListAsync(new LogQuery([], 0)));
    }

    [Fact]
    public async Task Count_GroupsByATagsValues()
    {
        for (var i = 0; i < 30; i++)
        {
            await CreateAsync($"{i}", "head", $"three={i % 3}", $"two={i % 2}");
        }

        await CreateAsync("without", "head", "other=1");
        Assert.Equal(new Dictionary<string, long> { ["0"] = 10, ["1"] = 10, ["2"] = 10 }, await Store.CountAsync("three", []));
        Assert.Equal(new Dictionary<string, long> { ["0"] = 5, ["1"] = 5, ["2"] = 5 }, await Store.CountAsync("three", Tags("two=1")));
        Assert.Equal(new Dictionary<string, long> { ["1"] = 10 }, await Store.CountAsync("three", Tags("three=1")));
        Assert.Empty(await Store.CountAsync("three", Tags("other=1")));
        Assert.Empty(await Store.CountAsync("four", []));

        await Store.DeleteAsync("0");
        var writer = await OpenAsync("3");
        await writer.AppendAsync(writer.Next() with { Tags = Tags("three=nine") });
        Assert.Equal(new Dictionary<string, long> { ["0"] = 8, ["1"] = 10, ["2"] = 10, ["nine"] = 1 }, await Store.CountAsync("three", []));
    }

    private async Task<List<string[]>> PagesAsync(int limit, bool oldestFirst, params string[] tags)
    {
        var pages = new List<string[]>();
        string? cursor = null;
        do
        {
            var page = await Store.ListAsync(new LogQuery(Tags(tags), limit, cursor, oldestFirst));
            Assert.InRange(page.Logs.Count, 1, limit);
            pages.Add([.. page.Logs.Select(log => log.Id)]);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return pages;
    }
}
