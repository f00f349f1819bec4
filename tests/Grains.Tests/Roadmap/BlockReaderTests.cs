using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class BlockReaderTests
{
    [Fact]
    public void Headings_paragraphs_and_lists_become_blocks_without_their_marks() =>
        Assert.Equal(
            ["H1 Title", "P Some text\nthat goes on.", "H2 Part", "L one", "L two", "L three", "L four", "P After the list."],
            Read("# Title\n\nSome text\nthat goes on.\n\n## Part ##\n- one\n- two\n  1. three\n* [x] four\n\nAfter the list.").Select(text => text.Replace(" ##", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("Title\n=====\n\nText.", "H1 Title", "P Text.")]
    [InlineData("Title\n---\nText.", "H2 Title", "P Text.")]
    [InlineData("##无空格标题\n正文。", "H2 无空格标题", "P 正文。")]
    [InlineData("#hashtag is text", "P #hashtag is text")]
    [InlineData("####### seven", "P ####### seven")]
    public void A_heading_is_what_CommonMark_says_and_what_Chinese_writers_mean(string text, params string[] expected) => Assert.Equal(expected, Read(text));

    [Fact]
    public void Line_ends_of_Windows_and_old_Macs_and_a_byte_order_mark_change_nothing()
    {
        const string text = "# Title\n\nOne line\nand another.\n\n- item\n";
        var expected = Read(text).Select(block => block.Replace("\n", " ", StringComparison.Ordinal));
        Assert.Equal(expected, Read("\uFEFF" + text.Replace("\n", "\r\n", StringComparison.Ordinal)).Select(block => block.Replace("\r\n", " ", StringComparison.Ordinal)));
        Assert.Equal(expected, Read(text.Replace('\n', '\r')).Select(block => block.Replace('\r', ' ')));
    }

    [Theory]
    [InlineData("```cs\nvar x = 1;\n# no heading\n```\nText.", "C var x = 1;\n# no heading", "P Text.")]
    [InlineData("~~~\ncode\n```\nstill\n~~~\nText.", "C code\n```\nstill", "P Text.")]
    [InlineData("```\nnever closed", "C never closed")]
    [InlineData("Text:\n\n    x = y\n    z()\n\nMore.", "P Text:", "C x = y\n    z()", "P More.")]
    public void Code_is_a_block_of_its_own(string text, params string[] expected) => Assert.Equal(expected, Read(text));

    [Fact]
    public void An_indented_paragraph_that_says_something_is_no_code() =>
        Assert.Equal(["P It was a dark and stormy night, and the rain fell in torrents."], Read("    It was a dark and stormy night, and the rain fell in torrents."));

    [Fact]
    public void A_paragraph_under_a_list_item_is_no_code() => Assert.Equal(["L item", "P more of it"], Read("- item\n\n    more of it"));

    [Fact]
    public void A_table_is_one_block_and_a_bar_alone_makes_none()
    {
        Assert.Equal(["P Before.", "T | a | b |\n| --- | :-: |\n| 1 | 2 |", "P After."], Read("Before.\n| a | b |\n| --- | :-: |\n| 1 | 2 |\n\nAfter."));
        Assert.Equal(["P a | b\nc | d"], Read("a | b\nc | d"));
    }

    [Theory]
    [InlineData("---\ntitle: \"The water\"\ndate: 2026-01-01\n---\n# Heading", "The water", "H1 Heading")]
    [InlineData("+++\ntitle = 'Der Titel'\n+++\nText.", "Der Titel", "P Text.")]
    [InlineData("---\n\nText after a rule.", null, "P Text after a rule.")]
    [InlineData("---\nkey: never closed", null, "P key: never closed")]
    public void Front_matter_gives_the_title_and_is_not_read(string text, string? title, params string[] expected)
    {
        Assert.Equal(expected, Read(text));
        FrontMatter.Skip(text, out var found);
        Assert.Equal(title, found);
    }

    [Fact]
    public void Comments_rules_and_link_definitions_are_not_read() =>
        Assert.Equal(["P One.", "P Two.", "P Three."], Read("One.\n\n<!-- not\n\n# this -->\nTwo.\n\n***\n\n[here]: https://example.org/x\nThree."));

    [Fact]
    public void Quotations_are_paragraphs_of_their_own() => Assert.Equal(["P He said:", "P To be\n> or not.", "P So it is."], Read("He said:\n> To be\n> or not.\n\nSo it is."));

    [Fact]
    public void Bold_words_that_a_paragraph_begins_with_are_a_heading_that_runs_in() =>
        Assert.Equal(
            ["H7 Cursor", "P **Cursor** = where one is.", "H7 Batch", "P **Batch**: many at once.", "H6 Alone", "P Text.", "P **Note:** mind this."],
            Read("**Cursor** = where one is.\n**Batch**: many at once.\n\n**Alone**\n\nText.\n\n**Note:** mind this."));

    [Fact]
    public void Lines_that_were_never_wrapped_are_paragraphs() =>
        Assert.Equal(2, Read(new string('x', 60) + " and a line that goes on for very long without a break, until it ends.\nThe next line is another paragraph.").Count);

    [Fact]
    public void Plain_text_has_the_headings_of_books_and_reports()
    {
        Assert.Equal(
            ["H2 CHAPTER I. The Sea", "P It was calm.", "H2 Chapter 2", "P It was rough."],
            Read("CHAPTER I. The Sea\n\nIt was calm.\n\nChapter 2\nIt was rough."));
        Assert.Equal(["H2 第一章 起源", "P 春天来了。", "H2 第二章 远行", "P 他走了很远。"], Read("第一章 起源\n春天来了。\n第二章 远行\n他走了很远。"));
        Assert.Equal(["H3 一、背景", "P 这里有背景。", "H3 二、方法", "P 这里有方法。"], Read("一、背景\n这里有背景。\n二、方法\n这里有方法。"));
        Assert.Equal(["H3 1.1 Scope", "P All of it.", "H3 1.2 Terms", "P None."], Read("1.1 Scope\nAll of it.\n\n1.2 Terms\nNone."));
        Assert.Equal(["H3 Definitions.", "P A work is a thing.", "H3 Permissions.", "P You may read it."], Read("0. Definitions.\nA work is a thing.\n\n1. Permissions.\nYou may read it."));
    }

    [Fact]
    public void In_a_text_with_real_headings_nothing_else_is_guessed_to_be_one() =>
        Assert.Equal(["H1 Title", "P SHOUTED LINE", "P Text under it, which goes on."], Read("# Title\n\nSHOUTED LINE\n\nText under it, which goes on."));

    [Fact]
    public void A_list_is_not_taken_for_numbered_headings() => Assert.Equal(["P Steps:", "L Open it.", "L Close it.", "P Done."], Read("Steps:\n\n1. Open it.\n2. Close it.\n\nDone."));

    private static List<string> Read(string text) =>
        [.. BlockReader.Read(text, FrontMatter.Skip(text, out _), new Work()).Select(block => $"{block.Kind.ToString()[0]}{(block.Level > 0 ? block.Level : "")} {block.Span.Of(text)}")];
}
