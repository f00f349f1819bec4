using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class PlanCostTests
{
    private const int MostStepsPerCharacter = 120;
    private const int Size = 100_000;

    /// <summary>Documents that have made readers of Markdown slow, or were never meant to be read.</summary>
    private static readonly Dictionary<string, Func<string>> Documents = new()
    {
        ["one word"] = () => "word",
        ["one giant word"] = () => new string('a', Size),
        ["one giant line"] = () => Repeat("word and other words "),
        ["one giant line of Chinese"] = () => Repeat("水厂把原水变成自来水"),
        ["only headings"] = () => string.Concat(Enumerable.Range(0, 100_000).Select(i => $"# Heading {i}\n")),
        ["only headings, all the same"] = () => Repeat("## Same\n"),
        ["headings down the levels"] = () => Repeat("# A\n## B\n### C\n#### D\n##### E\n###### F\n\nText of it.\n\n"),
        ["only code"] = () => "```\n" + Repeat("x = y + z\n"),
        ["only a table"] = () => "| a | b |\n| --- | --- |\n" + Repeat("| some cell | 30 s |\n"),
        ["many small tables"] = () => Repeat("a|b\n-|-\n"),
        ["only line ends"] = () => Repeat("\n") + "x",
        ["only emoji"] = () => Repeat("😀🎉"),
        ["right to left"] = () => Repeat("هذا نص عن الماء في المدينة. يأتي الماء من الخزان؟ "),
        ["null characters"] = () => Repeat("\0") + "x",
        ["backticks that never close"] = () => Repeat("` `` ``` ```` "),
        ["links that never close"] = () => Repeat("](]["),
        ["tags that never close"] = () => Repeat("<a"),
        ["comments that never close"] = () => Repeat("<!-- "),
        ["quotation marks"] = () => Repeat("> ") + "x",
        ["list marks"] = () => Repeat("- ") + "x",
        ["bold marks"] = () => Repeat("**") + "x",
        ["bold paragraphs"] = () => Repeat("**a** b.\n"),
        ["full stops"] = () => Repeat(". ") + "x",
        ["the same sentence"] = () => Repeat("The same sentence comes again and again. "),
        ["different words"] = () => string.Join(' ', Enumerable.Range(0, Size / 8).Select(i => $"w{i}x{i % 7}")),
        ["different Chinese characters"] = () => string.Concat(Enumerable.Range(0, Size).Select(i => (char)(0x4E00 + (i * 7919 % 20_000)))),
    };

    public static TheoryData<string> Names => [.. Documents.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_document_takes_more_than_a_bounded_number_of_steps_for_each_character(string name)
    {
        var document = Documents[name]();
        var work = new Work();
        PlanCheck.Make(document, work: work);
        Assert.True(work.Done < 20_000 + ((long)MostStepsPerCharacter * document.Length), $"{name}: {work.Done / document.Length} steps for each character");
    }

    [Theory]
    [InlineData(nameof(Samples.ChinesePlain))]
    [InlineData(nameof(Samples.Protocol))]
    public void The_steps_grow_with_the_length_and_not_with_its_square(string sample)
    {
        var once = Samples.Get(sample) + "\n\n";
        var (few, many) = (new Work(), new Work());
        PlanCheck.Make(Repeat(once, 60_000), work: few);
        PlanCheck.Make(Repeat(once, 480_000), work: many);
        Assert.InRange((double)many.Done / few.Done, 4, 16);
    }

    [Fact]
    public void Even_one_concept_for_all_is_ranked_in_bounded_windows()
    {
        var work = new Work();
        var document = Repeat(Samples.EnglishPlain + "\n\n", 500_000);
        PlanCheck.Make(document, 1, work);
        Assert.InRange(work.Done, 1, (long)MostStepsPerCharacter * document.Length);
    }

    [Fact]
    public void Work_that_is_cancelled_ends_in_its_middle()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var work = new Work(stop.Token);
        Assert.Throws<OperationCanceledException>(() => PlanMaker.Make(Repeat("The same sentence comes again. "), work: work));
        Assert.InRange(work.Done, 1, 3L * Size);
    }

    private static string Repeat(string text, int size = Size) => string.Concat(Enumerable.Repeat(text, Math.Max(1, size / text.Length)));
}
