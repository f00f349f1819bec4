using System.Text.Json;

using Holdfast.Grains.Generators;
using Holdfast.Generators.Roadmap;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class RoadmapInputTests
{
    [Theory]
    [InlineData("""{"document":"Text."}""")]
    [InlineData("""{"document":"Text.","title":"T","language":"en","max_concepts":200,"review":true}""")]
    [InlineData("""{"document":"Text.","title":null,"language":null,"max_concepts":null,"review":null}""")]
    [InlineData("""{"document":"水","language":"zh-CN","max_concepts":1,"review":false}""")]
    [InlineData("""{"document":"\u0000x"}""")]
    [InlineData("""{"document":"# Only a heading"}""")]
    public void A_good_input_is_taken(string input) => new RoadmapGenerator().Validate(JsonElement.Parse(input));

    [Theory]
    [InlineData("[]", "input")]
    [InlineData("null", "input")]
    [InlineData("\"Text.\"", "input")]
    [InlineData("{}", "document")]
    [InlineData("""{"document":null}""", "document")]
    [InlineData("""{"document":""}""", "document")]
    [InlineData("""{"document":" \n\t\u3000\uFEFF "}""", "document")]
    [InlineData("""{"document":42}""", "document")]
    [InlineData("""{"document":["Text."]}""", "document")]
    [InlineData("""{"document":"\ud800"}""", "document")]
    [InlineData("""{"document":"Text.","title":""}""", "title")]
    [InlineData("""{"document":"Text.","title":"  "}""", "title")]
    [InlineData("""{"document":"Text.","title":7}""", "title")]
    [InlineData("""{"document":"Text.","title":"two\nlines"}""", "title")]
    [InlineData("""{"document":"Text.","language":"tlh"}""", "language")]
    [InlineData("""{"document":"Text.","language":""}""", "language")]
    [InlineData("""{"document":"Text.","language":1}""", "language")]
    [InlineData("""{"document":"Text.","max_concepts":0}""", "max_concepts")]
    [InlineData("""{"document":"Text.","max_concepts":201}""", "max_concepts")]
    [InlineData("""{"document":"Text.","max_concepts":-5}""", "max_concepts")]
    [InlineData("""{"document":"Text.","max_concepts":2.5}""", "max_concepts")]
    [InlineData("""{"document":"Text.","max_concepts":1e99}""", "max_concepts")]
    [InlineData("""{"document":"Text.","max_concepts":"7"}""", "max_concepts")]
    [InlineData("""{"document":"Text.","review":"yes"}""", "review")]
    [InlineData("""{"document":"Text.","review":1}""", "review")]
    [InlineData("""{"document":"Text.","pace":"1s"}""", "pace")]
    [InlineData("""{"Document":"Text."}""", "Document")]
    [InlineData("""{"document":"Text.","\ud800":1}""", "input")]
    public void A_bad_input_is_refused_with_its_field(string input, string field)
    {
        var refusal = Assert.Throws<InvalidInputException>(() => new RoadmapGenerator().Validate(JsonElement.Parse(input)));
        Assert.Equal(field, refusal.Field);
        Assert.NotEmpty(refusal.Message);
    }

    [Fact]
    public void A_document_has_a_largest_size()
    {
        var generator = new RoadmapGenerator();
        generator.Validate(Input(new string('x', RoadmapInput.LongestDocument)));
        Assert.Equal("document", Assert.Throws<InvalidInputException>(() => generator.Validate(Input(new string('x', RoadmapInput.LongestDocument + 1)))).Field);
        Assert.Equal("title", Assert.Throws<InvalidInputException>(() => generator.Validate(JsonSerializer.SerializeToElement(new { document = "x", title = new string('x', 201) }))).Field);
    }

    private static JsonElement Input(string document) => JsonSerializer.SerializeToElement(new { document });
}
