using System.Text;
using System.Text.Json;

using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Events;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Transports.WebSockets;

namespace Holdfast.WebFront.Tests.Viewers;

public sealed class CommandReaderTests
{
    [Fact]
    public void EveryCommandOfTheProtocol_IsRead()
    {
        Assert.IsType<Command.Heartbeat>(Read("""{"type":"heartbeat","timestamp":1754907229768}"""));
        Assert.Equal(new Cursor("k3v9", 40), Assert.IsType<Command.Ack>(Read("""{"type":"ack","cursor":"k3v9:40"}""")).Cursor);
        Assert.IsType<Command.Status>(Read("""{"type":"status"}"""));
        Assert.Equal("enough", Assert.IsType<Command.Cancel>(Read("""{"type":"cancel","reason":"enough"}""")).Reason);
        Assert.Null(Assert.IsType<Command.Cancel>(Read("""{"type":"cancel"}""")).Reason);
        var review = Assert.IsType<Command.Review>(Read("""{"type":"review","review_id":"r_1","decision":"revise","comment":"so","edits":{"a":"é"}}"""));
        Assert.Equal(("r_1", "revise", "so", """{"a":"é"}"""), (review.ReviewId, review.Decision, review.Comment, Encoding.UTF8.GetString(review.Edits.Span)));
        Assert.IsType<Command.Bye>(Read("""{"type":"bye","more":[1,2]}"""));
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("-9007199254740993", "-9007199254740993")]
    [InlineData("\"seven\"", "\"seven\"")]
    [InlineData("null", null)]
    public void AnId_ComesBackAsItWas(string id, string? back)
    {
        var read = CommandReader.Read(Encoding.UTF8.GetBytes($$"""{"type":"nonsense","id":{{id}}}"""));
        Assert.Equal(FrontCodes.UnknownCommand, read.Refusal!.Code);
        Assert.Equal(back, read.Id.Value.ValueKind == JsonValueKind.Undefined ? null : read.Id.Value.GetRawText());
    }

    [Theory]
    [InlineData("", FrontCodes.InvalidJson, null)]
    [InlineData("{", FrontCodes.InvalidJson, null)]
    [InlineData("{} {}", FrontCodes.InvalidJson, null)]
    [InlineData("[]", FrontCodes.InvalidCommand, null)]
    [InlineData("null", FrontCodes.InvalidCommand, null)]
    [InlineData("{}", FrontCodes.InvalidCommand, "type")]
    [InlineData("""{"type":7}""", FrontCodes.InvalidCommand, "type")]
    [InlineData("""{"type":"Status"}""", FrontCodes.UnknownCommand, "type")]
    [InlineData("""{"type":"status","id":1.5}""", FrontCodes.InvalidCommand, "id")]
    [InlineData("""{"type":"status","id":{}}""", FrontCodes.InvalidCommand, "id")]
    [InlineData("""{"type":"heartbeat","timestamp":{}}""", FrontCodes.InvalidCommand, "timestamp")]
    [InlineData("""{"type":"ack"}""", FrontCodes.InvalidCommand, "cursor")]
    [InlineData("""{"type":"ack","cursor":"e:-1"}""", FrontCodes.InvalidCursor, "cursor")]
    [InlineData("""{"type":"cancel","reason":7}""", FrontCodes.InvalidCommand, "reason")]
    [InlineData("""{"type":"review","decision":"approve"}""", FrontCodes.InvalidCommand, "review_id")]
    [InlineData("""{"type":"review","review_id":"r_1","decision":"maybe"}""", FrontCodes.InvalidCommand, "decision")]
    public void WhatIsWrong_IsNamed(string text, string code, string? field)
    {
        var (command, refusal, _) = CommandReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Null(command);
        Assert.Equal((code, field), (refusal!.Code, refusal.Field));
    }

    [Theory]
    [InlineData("id", 64)]
    [InlineData("reason", 1000)]
    public void Text_IsBounded(string field, int longest)
    {
        Assert.NotNull(Read(Cancel(longest)));
        Assert.Equal(field, CommandReader.Read(Encoding.UTF8.GetBytes(Cancel(longest + 1))).Refusal!.Field);

        string Cancel(int length) => $$"""{"type":"cancel","{{field}}":"{{new string('x', length)}}"}""";
    }

    [Fact]
    public void AnyBytes_AreACommandOrOneRefusal() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(60), Prop.ForAll(Messages, text =>
        {
            var (command, refusal, id) = CommandReader.Read(Encoding.Latin1.GetBytes(text));
            Assert.True(command is null != refusal is null, text);
            Assert.True(command is null || command.Id == id, text);
        }));

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\"type\"", "\"id\"", "\"status\"", "\"review\"", "\"heartbeat\"", "\"timestamp\"", "\"cursor\"", "\"edits\"",
        "null", "true", "1e999", "-0", "\u0000", "\u00ff", "\u00c3", " ", "\n",
    ];

    private static readonly Arbitrary<string> Messages = Arb.From(
        Gen.OneOf(
            Gen.Elements(Fragments).ListOf().Select(parts => string.Concat(parts)),
            Gen.Elements(Fragments).ListOf().Select(parts => $$"""{"type":"review","id":{{string.Concat(parts)}}}"""),
            Gen.Elements(Fragments).Select(part => $$"""{"type":"ack","cursor":{{part}}}""")),
        text => text.Length < 2 ? [] : [text[..(text.Length / 2)], text[(text.Length / 2)..]]);

    private static Command? Read(string text) => CommandReader.Read(Encoding.UTF8.GetBytes(text)).Command;
}
