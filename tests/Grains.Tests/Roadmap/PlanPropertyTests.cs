using FsCheck;
using FsCheck.Fluent;

using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class PlanPropertyTests
{
    private static readonly string[] Fragments =
    [
        "# ", "## ", "### ", "###### ", "Title", "- ", "1. ", "> ", "```", "~~~", "    ", "\t", "| a | b |", "| --- | --- |", "|", "---", "===", "**", "__", "*", "`", "``",
        "[text](http://x.y/z)", "](", "![", "<b>", "<!--", "-->", "&amp;", "http://a.b", ".", "!", "?", "…", ":", ",", "(", ")", "\"", "。", "！", "，", "、", "第一章 起源", "一、背景",
        "CHAPTER II", "1.2 Scope", "\n", "\n", "\n\n", "\n\n", "\r\n", "\r", " ", " ", "\u3000", "\0", "\uFEFF", "\u200B", "\u202E", "😀", "👩‍👩‍👧", "𠀀", "é", "e\u0301",
        "The task writes an event. ", "A cursor names an event of the task. ", "It ends here? ", "水厂把原水变成自来水。", "管网把自来水送到家里。", "生地をこねる。", "등대는 밝다. ", "سؤال؟ ", "word", "水",
    ];

    private static readonly Arbitrary<string> Documents =
        Arb.From(
            Gen.Elements(Fragments).ListOf().Select(parts => string.Concat(parts)),
            text => text.Length < 2 ? [] : [text[..(text.Length / 2)], text[(text.Length / 2)..], text[1..]]);

    [Fact]
    public void Any_string_gives_a_sound_plan() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text => { PlanCheck.Make(text); }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_heap_of_marks_and_words_gives_a_sound_plan() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(600).WithEndSize(200), Prop.ForAll(Documents, text => { PlanCheck.Make(text); }));

    [Fact]
    public void Any_bound_on_concepts_is_kept() =>
        Check.One(Config.QuickThrowOnFailure.WithEndSize(300), Prop.ForAll(Documents, Gen.Choose(1, 12).ToArbitrary(), (text, most) => { PlanCheck.Make(text, most); }));

    [Fact]
    public void Sentences_are_in_order_and_do_not_overlap() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200), Prop.ForAll(Documents, text =>
        {
            var end = 0;
            foreach (var sentence in AnalysedText.Read(text, null, new Work()).Sentences)
            {
                Assert.True(sentence.Span.Start >= end && sentence.Span.Length > 0 && sentence.Span.End <= text.Length);
                end = sentence.Span.End;
            }
        }));

    [Fact]
    public void Text_before_a_section_does_not_change_its_sentences() =>
        Check.One(Config.QuickThrowOnFailure.WithEndSize(100), Prop.ForAll(Documents, text =>
        {
            const string section = "\n\n# Last\n\nThe end is near. It is here.";
            var sentences = Sentences("x\n" + section);
            Assert.Equal(sentences[^2..], Sentences(Closed(text) + section)[^2..]);
        }));

    /// <summary>Fences and comments that are open would swallow what follows.</summary>
    private static string Closed(string text) =>
        text.Replace("```", "", StringComparison.Ordinal).Replace("``", "", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal).Replace("~", "", StringComparison.Ordinal).Replace("<!--", "", StringComparison.Ordinal);

    private static List<string> Sentences(string document)
    {
        var text = AnalysedText.Read(document, null, new Work());
        return [.. Enumerable.Range(0, text.Sentences.Length).Select(i => text.TextOf(i).ToString())];
    }
}
