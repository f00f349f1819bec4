using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class SentenceReaderTests
{
    [Theory]
    [InlineData("One. Two! Three? Four…", "One.", "Two!", "Three?", "Four…")]
    [InlineData("Dr. Smith paid e.g. 3.50 euros. He left.", "Dr. Smith paid e.g. 3.50 euros.", "He left.")]
    [InlineData("J. R. Tolkien wrote it. See fig. 3 there.", "J. R. Tolkien wrote it.", "See fig. 3 there.")]
    [InlineData("It costs 5, 6, etc. That is much.", "It costs 5, 6, etc.", "That is much.")]
    [InlineData("He said \"Go.\" She went.", "He said \"Go.\"", "She went.")]
    [InlineData("(It is so.) Then it ended.", "(It is so.)", "Then it ended.")]
    [InlineData("Call `a. B` or see [here](https://x.org/a. B). Then go.", "Call `a. B` or see [here](https://x.org/a. B).", "Then go.")]
    [InlineData("**Bold.** Then `code` follows. `x` starts one.", "**Bold.**", "Then `code` follows.", "`x` starts one.")]
    [InlineData("It starts (`a`, `b` … `c`) and ends. So.", "It starts (`a`, `b` … `c`) and ends.", "So.")]
    [InlineData("Das ist z. B. ein Satz. Und noch einer.", "Das ist z. B. ein Satz.", "Und noch einer.")]
    [InlineData("今天下雨。他没带伞！怎么办？", "今天下雨。", "他没带伞！", "怎么办？")]
    [InlineData("他说：“走吧。”然后就走了。", "他说：“走吧。”", "然后就走了。")]
    [InlineData("用 Redis 3.2 存储。Use it. 版本是1.5。", "用 Redis 3.2 存储。", "Use it.", "版本是1.5。")]
    [InlineData("هل هذا سؤال؟ نعم هو سؤال. انتهى", "هل هذا سؤال؟", "نعم هو سؤال.", "انتهى")]
    [InlineData("यह एक वाक्य है। यह दूसरा है।", "यह एक वाक्य है।", "यह दूसरा है।")]
    [InlineData("no end and no capital", "no end and no capital")]
    [InlineData("Soft\nbreak here. Next\r\none.", "Soft\nbreak here.", "Next\r\none.")]
    public void Text_is_split_where_its_script_ends_sentences(string text, params string[] expected) => Assert.Equal(expected, Read(text));

    [Fact]
    public void Headings_and_code_have_no_sentences() => Assert.Equal(["Text."], Read("# No sentence.\n\n```\nNo. Sentence. Here.\n```\n\nText."));

    [Fact]
    public void Complete_sentences_in_a_table_are_told_from_its_scraps()
    {
        var text = AnalysedText.Read("| what | does |\n| --- | --- |\n| `a\\|b` | Answers with the state of the task. Never blocks anybody. |\n| c | 30 s |", null, new Work());
        Assert.Equal(["Answers with the state of the task.", "Never blocks anybody."], Of(text, SentenceKind.Cell));
        Assert.Equal(["what", "does", "`a\\|b`", "c", "30 s"], Of(text, SentenceKind.Scrap));
    }

    [Fact]
    public void A_text_without_an_end_is_cut_between_words_into_bounded_pieces()
    {
        var line = string.Join(' ', Enumerable.Range(0, 2_000).Select(i => $"word{i}"));
        var pieces = Read(line);
        Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, SentenceReader.Longest));
        Assert.Equal(line, string.Join(' ', pieces));
    }

    [Fact]
    public void No_cut_goes_through_a_character_of_two_units()
    {
        var pieces = Read("x" + string.Concat(Enumerable.Repeat("𠀀😀", 2_000)));
        Assert.True(pieces.Count > 1);
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', new string(piece.EnumerateRunes().SelectMany(rune => rune.ToString()).ToArray())));
    }

    [Fact]
    public void Marks_alone_are_no_sentence() => Assert.Empty(Read("... !!! ---- ,,, \0\0"));

    private static List<string> Read(string text) => [.. Spans(AnalysedText.Read(text, null, new Work()))];

    private static IEnumerable<string> Spans(AnalysedText text) => Enumerable.Range(0, text.Sentences.Length).Select(i => text.TextOf(i).ToString());

    private static IEnumerable<string> Of(AnalysedText text, SentenceKind kind) =>
        Enumerable.Range(0, text.Sentences.Length).Where(i => text.Sentences[i].Kind == kind).Select(i => text.TextOf(i).ToString());
}
