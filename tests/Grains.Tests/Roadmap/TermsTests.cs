using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class TermsTests
{
    [Theory]
    [InlineData("en", "task", "Tasks")]
    [InlineData("en", "query", "queries")]
    [InlineData("en", "stream", "streaming")]
    [InlineData("en", "run", "runs")]
    [InlineData("en", "create", "created")]
    [InlineData("en", "create", "creating")]
    [InlineData("en", "stop", "STOPPED")]
    [InlineData("en", "platform", "platform’s")]
    [InlineData("de", "Tomate", "Tomaten")]
    [InlineData("de", "Garten", "Gartens")]
    [InlineData("fr", "message", "messages")]
    [InlineData("es", "cliente", "clientes")]
    [InlineData("pt", "tarefa", "tarefas")]
    [InlineData("it", "servizio", "servizi")]
    [InlineData("nl", "bericht", "berichten")]
    [InlineData("ru", "задача", "задачами")]
    [InlineData("zh", "水库", "水库")]
    public void Forms_of_a_word_are_one_term(string language, string one, string other)
    {
        var terms = new Terms(Languages.Find(language)!);
        Assert.NotEmpty(terms.Of(one));
        Assert.Equal(terms.Of(one), terms.Of(other));
    }

    [Theory]
    [InlineData("en", "string", "strong")]
    [InlineData("en", "class", "clash")]
    [InlineData("zh", "水库", "水厂")]
    [InlineData("ja", "生地", "窯")]
    public void Different_words_are_different_terms(string language, string one, string other)
    {
        var terms = new Terms(Languages.Find(language)!);
        Assert.NotEqual(terms.Of(one), terms.Of(other));
    }

    [Theory]
    [InlineData("the and of it is")]
    [InlineData("42 1,000 3.14")]
    [InlineData("a b c")]
    [InlineData("https://example.org/some/path")]
    [InlineData("<br/> &amp; ... !!!")]
    [InlineData("的了是")]
    [InlineData("ですから")]
    public void What_says_nothing_is_no_term(string text) => Assert.Empty(new Terms(Languages.Find("en")!).Of(text));

    [Fact]
    public void The_text_of_a_link_counts_and_its_target_does_not()
    {
        var terms = new Terms(Languages.Find("en")!);
        Assert.Equal(terms.Of("lighthouse lens"), terms.Of("[lighthouse](https://example.org/mercury) lens"));
    }

    [Fact]
    public void Chinese_becomes_pairs_of_characters_that_no_function_word_joins()
    {
        var terms = new Terms(Languages.Find("zh")!);
        Assert.Equal(3, terms.Of("污水处理").Count);
        Assert.Equal(terms.Of("水库 工厂"), terms.Of("水库的工厂"));
    }

    [Theory]
    [InlineData(nameof(Samples.EnglishPlain), "en")]
    [InlineData(nameof(Samples.ChinesePlain), "zh")]
    [InlineData(nameof(Samples.JapaneseMarkdown), "ja")]
    [InlineData(nameof(Samples.GermanPlain), "de")]
    [InlineData(nameof(Samples.Protocol), "en")]
    public void The_language_of_a_document_is_found(string sample, string code) => Assert.Equal(code, Detect(Samples.Get(sample)));

    [Theory]
    [InlineData("La lumière de la lampe est dans la tour, et elle ne s'éteint pas avec le vent qui vient de la mer.", "fr")]
    [InlineData("La luz de la lámpara está en la torre, y no se apaga con el viento que viene del mar.", "es")]
    [InlineData("La luce della lampada è nella torre, e non si spegne con il vento che viene dal mare.", "it")]
    [InlineData("A luz da lâmpada está na torre, e não se apaga com o vento que vem do mar.", "pt")]
    [InlineData("Het licht van de lamp is in de toren, en het gaat niet uit met de wind die van de zee komt.", "nl")]
    [InlineData("Свет лампы на башне не гаснет, и он виден всем, кто идёт по морю под ветром.", "ru")]
    [InlineData("등대의 불빛은 바람이 불어도 꺼지지 않고 멀리까지 보인다.", "ko")]
    [InlineData("نور المصباح في البرج لا ينطفئ مع الريح", "und")]
    [InlineData("x", "und")]
    [InlineData("12 34 !!", "und")]
    public void A_language_shows_in_its_script_or_its_small_words(string text, string code) => Assert.Equal(code, Detect(text));

    [Fact]
    public void A_language_without_a_list_learns_its_stop_words_from_the_text()
    {
        var text = AnalysedText.Read(string.Concat(Enumerable.Range(0, 30).Select(i => $"Qun kata{i} qun lopa{i / 3}. ")), null, new Work());
        text.CountTerms(new Work());
        Assert.Equal("und", text.Language.Code);
        Assert.Empty(text.Vocabulary.Of("qun"));
        Assert.NotEmpty(text.Vocabulary.Of("kata7"));
    }

    [Fact]
    public void Reading_takes_a_minute_for_200_words_or_300_characters()
    {
        Assert.Equal(ReadingTime.Minute, ReadingTime.WeightOf(string.Join(' ', Enumerable.Repeat("word", ReadingTime.WordsPerMinute)), new Work()));
        Assert.Equal(ReadingTime.Minute, ReadingTime.WeightOf(new string('水', ReadingTime.CharactersPerMinute), new Work()));
        Assert.Equal(1, ReadingTime.MinutesOf(0));
        Assert.Equal(2, ReadingTime.MinutesOf(ReadingTime.Minute * 3 / 2));
    }

    private static string Detect(string text) => AnalysedText.Read(text, null, new Work()).Language.Code;
}
