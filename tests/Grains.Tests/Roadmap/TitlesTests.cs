using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class TitlesTests
{
    [Theory]
    [InlineData("4. WebSocket: `GET /api/v1/ws/{task_id}`", "WebSocket: GET /api/v1/ws/{task_id}")]
    [InlineData("**Bold** and *slanted* and ~~gone~~", "Bold and slanted and gone")]
    [InlineData("[A link](https://example.org) to ![a picture](x.png)", "A link to a picture")]
    [InlineData("snake_case and _slanted_", "snake_case and slanted")]
    [InlineData("Ends with a colon:", "Ends with a colon")]
    [InlineData("Is it a question?", "Is it a question?")]
    [InlineData("Closed ###", "Closed")]
    [InlineData("2.1. Scope.", "Scope")]
    [InlineData("IV. The sea", "The sea")]
    [InlineData("一、背景：", "背景")]
    [InlineData("（二）方法", "方法")]
    [InlineData("2026 in review", "2026 in review")]
    [InlineData("Salt &amp; pepper <br> \u0000 now", "Salt & pepper now")]
    [InlineData("Two * three", "Two * three")]
    [InlineData("What the users of the systems ask for (public trackers)", "What the users of the systems ask for")]
    [InlineData("1.", "1")]
    [InlineData("***", "")]
    public void A_title_has_no_marks_no_number_and_no_trailing_punctuation(string heading, string title) => Assert.Equal(title, Titles.Clean(heading));

    [Fact]
    public void A_long_title_is_cut_between_words()
    {
        var title = Titles.Clean(string.Join(' ', Enumerable.Repeat("lighthouse", 30)));
        Assert.InRange(title.Length, 60, Titles.Longest);
        Assert.EndsWith("lighthouse…", title, StringComparison.Ordinal);
        Assert.InRange(Titles.Clean(new string('水', 500)).Length, 60, Titles.Longest);
    }

    [Theory]
    [InlineData("REST, under /api/v1", "REST")]
    [InlineData("WebSocket: GET /ws", "WebSocket")]
    [InlineData("Engine – the diesel one", "Engine")]
    [InlineData("水厂：四道工序", "水厂")]
    [InlineData("Slow clients", "Slow clients")]
    [InlineData("A, b", "A, b")]
    public void Of_several_titles_only_what_names_them_is_said(string title, string expected) => Assert.Equal(expected, Titles.Short(title));

    [Fact]
    public void Few_titles_are_listed_and_many_are_a_range()
    {
        var english = Languages.Find("en")!;
        Assert.Equal("Task and Event", TitleList.Join(["Task", "Event"], 2, english));
        Assert.Equal("Task, Event and REST", TitleList.Join(["Task", "Event", "REST"], 3, english));
        Assert.Equal("Salt and pepper, Oil", TitleList.Join(["Salt and pepper", "Oil"], 2, english));
        Assert.Equal("Task – SSE", TitleList.Join(["Task", "Event", "REST", "SSE"], 9, english));
        Assert.Equal("水库、水厂与管网", TitleList.Join(["水库", "水厂", "管网"], 3, Languages.Find("zh")!));
    }

    [Fact]
    public void Ids_are_different_and_readable_where_the_title_is()
    {
        Assert.Equal(
            ["task-event", "task-event-2", "konig-strasse", "concept-4", "concept-5", "mysql", "x-y-z"],
            ConceptIds.Of(["Task & Event", "task: event", "König Strasse", "水源地", "…", "MySQL 数据", "x/y/z!"]));
    }
}
