using System.Text;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Hostile;

/// <summary>Frames that no well-behaved client sends, and connections that end as they please.</summary>
public sealed class HostileFrameTests(SharedFront front) : WithABystander(front)
{
    [Fact]
    public Task ABinaryFrame_1003() => RefusedAsync(socket => socket.FrameAsync(RawFrame.Binary, [1, 2, 3]), 1003, "binary_frame");

    [Fact]
    public Task AFrameThatIsTooLarge_1009() => RefusedAsync(socket => socket.FrameAsync(RawFrame.TextOpcode, new byte[65537]), 1009, "frame_too_large");

    [Fact]
    public Task AFrameThatOnlyClaimsToBeHuge_1009() => RefusedAsync(socket => socket.FrameAsync(RawFrame.TextOpcode, "x"u8, claimed: ulong.MaxValue / 4), 1009, "frame_too_large");

    [Fact]
    public Task FragmentsThatAreTooLargeTogether_1009() => RefusedAsync(
        async socket =>
        {
            await socket.FrameAsync(RawFrame.TextOpcode, new byte[40_000], fin: false);
            await socket.FrameAsync(RawFrame.Continuation, new byte[40_000]);
        },
        1009, "frame_too_large");

    [Fact]
    public Task AFragmentWhoseLengthOverflows_1009() => RefusedAsync(
        async socket =>
        {
            await socket.FrameAsync(RawFrame.TextOpcode, "x"u8, fin: false);
            await socket.FrameAsync(RawFrame.Continuation, "y"u8, claimed: ulong.MaxValue);
        },
        1009, "frame_too_large");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task ReservedBits_1002(int bits) => RefusedAsync(socket => socket.FrameAsync(RawFrame.TextOpcode, "{}"u8, reserved: bits), 1002, "protocol_error");

    [Fact]
    public Task AnUnmaskedFrame_1002() => RefusedAsync(socket => socket.FrameAsync(RawFrame.TextOpcode, "{}"u8, masked: false), 1002, "protocol_error");

    [Fact]
    public async Task AnUnmaskedClose_IsAProxyThatGoes_AndNotTheClientsFault()
    {
        await using var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await socket.FrameAsync(RawFrame.Close, [0x03, 0xE9], masked: false);
        while (await socket.NextAsync("the end of the connection") is { } frame)
        {
            Assert.NotEqual(RawFrame.Close, frame.Opcode);
            Assert.DoesNotContain("closing", frame.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(15)]
    public Task AnUnknownOpcode_1002(int opcode) => RefusedAsync(socket => socket.FrameAsync(opcode, "{}"u8), 1002, "protocol_error");

    [Theory]
    [InlineData(RawFrame.Ping)]
    [InlineData(RawFrame.Close)]
    public Task AFragmentedControlFrame_1002(int opcode) => RefusedAsync(socket => socket.FrameAsync(opcode, ""u8, fin: false), 1002, "protocol_error");

    [Fact]
    public Task AControlFrameOfMoreThan125Bytes_1002() => RefusedAsync(socket => socket.FrameAsync(RawFrame.Ping, new byte[126]), 1002, "protocol_error");

    [Fact]
    public Task AContinuationOfNothing_1002() => RefusedAsync(socket => socket.FrameAsync(RawFrame.Continuation, "{}"u8), 1002, "protocol_error");

    [Fact]
    public Task AnotherMessageInTheMiddleOfOne_1002() => RefusedAsync(
        async socket =>
        {
            await socket.FrameAsync(RawFrame.TextOpcode, "{"u8, fin: false);
            await socket.FrameAsync(RawFrame.TextOpcode, "}"u8);
        },
        1002, "protocol_error");

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe })]
    [InlineData(new byte[] { 0xc3 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0xf5, 0x80, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xc0, 0xaf })]
    public Task InvalidUtf8_1007(byte[] bytes) => RefusedAsync(socket => socket.FrameAsync(RawFrame.TextOpcode, bytes), 1007, "invalid_utf8");

    [Theory]
    [InlineData(new byte[] { 0x03 })]
    [InlineData(new byte[] { 0x03, 0xed })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    [InlineData(new byte[] { 0x13, 0x88 })]
    [InlineData(new byte[] { 0x03, 0xe8, 0xff })]
    public Task AMalformedClose_1002(byte[] payload) => RefusedAsync(socket => socket.FrameAsync(RawFrame.Close, payload), 1002, "protocol_error");

    [Fact]
    public async Task AfterOurClose_ThePeersOwnEndsTheConnection_InGoodOrder()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:CloseWait"] = "01:00:00" });
        var task = await host.Api.EchoAsync(new { count = 1, interval_ms = 0, review_at = 1 });
        (string Path, Func<RawSocket, Task> Break, int Code, string Reason)[] cases =
        [
            ($"/api/v1/ws/{task}?after=bad", Nothing, 4400, "invalid_cursor"),
            ($"/ws/{task}", Nothing, 4400, "no_such_path"),
            ($"/api/v1/ws/{task}", socket => socket.FrameAsync(RawFrame.Binary, new byte[300]), 1003, "binary_frame"),
            ($"/api/v1/ws/{task}", socket => socket.FrameAsync(RawFrame.TextOpcode, new byte[70_000]), 1009, "frame_too_large"),
            ($"/api/v1/ws/{task}", socket => socket.FrameAsync(RawFrame.TextOpcode, [0xff]), 1007, "invalid_utf8"),
            ($"/api/v1/ws/{task}", socket => socket.FrameAsync(RawFrame.TextOpcode, "{}"u8, reserved: 1), 1002, "protocol_error"),
        ];
        foreach (var (path, wrong, code, reason) in cases)
        {
            await using var socket = await RawSocket.OpenAsync(host.Address, path);
            await wrong(socket);
            await socket.AssertClosedAsync(code, reason);
            Assert.Equal(reason, Encoding.UTF8.GetString(socket.Frames[^1].Payload.AsSpan(2)));
            await socket.FrameAsync(RawFrame.Close, [(byte)(code >> 8), (byte)code]);
            Assert.True(await socket.IsEndedAsync(), $"{code}");
        }

        static Task Nothing(RawSocket socket) => Task.CompletedTask;
    }

    [Fact]
    public async Task AMessageOfExactlyTheLimit_IsReadAndAnswered()
    {
        await using var socket = await OpenAsync();
        await socket.FrameAsync(RawFrame.TextOpcode, Encoding.UTF8.GetBytes(new string(' ', 65536)));
        await socket.UntilTextAsync("invalid_json");
    }

    [Fact]
    public async Task AFragmentedMessage_IsPutTogether_EvenInTheMiddleOfACharacter()
    {
        await using var socket = await OpenAsync();
        var bytes = """{"type":"heartbeat","timestamp":"☃"}"""u8.ToArray();
        foreach (var (one, i) in bytes.Select((one, i) => (one, i)))
        {
            await socket.FrameAsync(i == 0 ? RawFrame.TextOpcode : RawFrame.Continuation, [one], fin: i == bytes.Length - 1);
        }

        Assert.Equal("☃", new Message((await socket.UntilTextAsync("heartbeat_ack")).Text).Text("timestamp"));
    }

    [Fact]
    public async Task APingBetweenFragments_IsAnsweredBeforeTheMessageIsWhole()
    {
        await using var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await socket.FrameAsync(RawFrame.TextOpcode, """{"type":"""u8, fin: false);
        await socket.FrameAsync(RawFrame.Ping, "now"u8);
        Assert.Equal("now", (await socket.UntilAsync("the pong", frame => frame.Opcode == RawFrame.Pong)).Text);
        await socket.FrameAsync(RawFrame.Continuation, ""u8, fin: false);
        await socket.FrameAsync(RawFrame.Continuation, "\"heartbeat\"}"u8);
        await socket.UntilTextAsync("heartbeat_ack");
    }

    [Fact]
    public async Task AMessageByteByByteOnTheWire_IsUnderstood()
    {
        await using var socket = await OpenAsync();
        byte[] frame = [0x81, 0x80 | 20, 0, 0, 0, 0, .. """{"type":"heartbeat"}"""u8];
        foreach (var one in frame)
        {
            await socket.WriteAsync(new[] { one });
        }

        await socket.UntilTextAsync("heartbeat_ack");
    }

    [Fact]
    public async Task ManyFramesInOnePacket_AreAllUnderstood_InOrder()
    {
        await using var socket = await OpenAsync();
        List<byte> packet = [];
        for (var i = 0; i < 30; i++)
        {
            var text = Encoding.UTF8.GetBytes($$"""{"type":"heartbeat","id":{{i}}}""");
            packet.AddRange([0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. text]);
        }

        await socket.WriteAsync(packet.ToArray());
        await socket.UntilTextAsync("\"id\":29");
        var ids = socket.Frames.Select(frame => new Message(frame.Text)).Where(message => message.Type == "heartbeat_ack").Select(message => message.Json.GetProperty("id").GetInt32());
        Assert.Equal(Enumerable.Range(0, 30), ids);
    }

    [Fact]
    public async Task AnUnaskedPong_IsIgnored()
    {
        await using var socket = await OpenAsync();
        await socket.FrameAsync(RawFrame.Pong, "whatever"u8);
        await socket.TextAsync("""{"type":"heartbeat"}""");
        await socket.UntilTextAsync("heartbeat_ack");
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(4000)]
    public async Task AClose_IsEchoed_WithoutAnotherWord(int code)
    {
        await using var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await socket.FrameAsync(RawFrame.Close, [(byte)(code >> 8), (byte)code]);
        var close = await socket.NextAsync("the echo of the close");
        Assert.Equal((RawFrame.Close, code), (close!.Opcode, close.CloseCode));
        Assert.True(await socket.IsEndedAsync());
    }

    [Fact]
    public async Task AfterClosing_WhatComesIsReadAndDiscarded_SoThatThePeerSeesTheClose()
    {
        await using var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await socket.FrameAsync(RawFrame.Binary, ""u8);
        for (var i = 0; i < 200; i++)
        {
            await socket.FrameAsync(RawFrame.TextOpcode, new byte[1000]);
        }

        await socket.AssertClosedAsync(1003, "binary_frame");
        await socket.FrameAsync(RawFrame.Close, [0x03, 0xe8]);
        socket.SayNoMore();
        Assert.True(await socket.IsEndedAsync());
    }

    [Fact]
    public async Task APeerThatSaysNoMore_IsGone_AndCountsNoLonger()
    {
        await using var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await ViewersAsync(2);
        socket.SayNoMore();
        await ViewersAsync(1);
    }

    [Fact]
    public async Task APeerThatResets_IsGone_AndCountsNoLonger()
    {
        var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await ViewersAsync(2);
        socket.Reset();
        await ViewersAsync(1);
    }

    [Fact]
    public async Task APeerThatVanishesInTheMiddleOfAFrame_IsGone_AndCountsNoLonger()
    {
        var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await ViewersAsync(2);
        await socket.WriteAsync(new byte[] { 0x81, 0xFE, 0x10 });
        socket.Reset();
        await ViewersAsync(1);
    }

    [Fact]
    public async Task GarbageInsteadOfFrames_EndsThatConnectionOnly()
    {
        var random = new Random(4711);
        for (var i = 0; i < 20; i++)
        {
            await using var socket = await OpenAsync();
            var garbage = new byte[random.Next(1, 3000)];
            random.NextBytes(garbage);
            await socket.WriteAsync(garbage);
            socket.SayNoMore();
            Assert.True(await socket.IsEndedAsync());
        }

        await ViewersAsync(1);
    }

    private Task<RawSocket> OpenAsync() => RawSocket.OpenAsync(Front.Address, $"/api/v1/ws/{Watched.Id}?include_history=true");

    private Task ViewersAsync(int count) => Waiting.UntilAsync(
        $"{count} viewers", async () => (await Front.Api.SnapshotAsync(Watched.Id)).GetProperty("viewers").GetInt32() == count);

    private async Task RefusedAsync(Func<RawSocket, Task> send, int code, string reason)
    {
        await using var socket = await OpenAsync();
        await socket.UntilTextAsync("caught_up");
        await send(socket);
        var closing = await socket.AssertClosedAsync(code, reason);
        Assert.Equal("stop", closing.Text("retry"));
        var error = new Message(socket.Frames[^3].Text);
        Assert.Equal(("error", reason, "stop"), (error.Type, error.Text("code"), error.Text("retry")));
        Assert.True(error.Json.GetProperty("fatal").GetBoolean());
    }
}
