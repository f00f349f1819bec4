using Holdfast.TestSupport;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>What is wrong with the set-up ends a process at once: one line says which option it is and what to do.</summary>
public sealed class WrongSetupTests
{
    [Theory]
    [InlineData("holdfast", "Holdfast:Port is 'abc'; it is a whole number, like 8.", "--port", "abc")]
    [InlineData("holdfast", "Tasks:PendingBytes is 'x'; it is a whole number, like 8.", "--Tasks:PendingBytes", "x")]
    [InlineData("holdfast", "Recovery:Parallel is '0'; it is from 1 to 10000.", "--Recovery:Parallel", "0")]
    [InlineData("holdfast", "Front:HeartbeatInterval is '00:00:00'; it is at least 00:00:00.1000000.", "--Front:HeartbeatInterval", "00:00:00")]
    [InlineData("holdfast", "Front:FeedLinger is '5'; it is a time, like 00:00:05 for five seconds.", "--Front:FeedLinger", "5")]
    [InlineData("holdfast", "Front:AllowedHosts is 'a', but has several entries: write Front:AllowedHosts:0 for the first, Front:AllowedHosts:1 for the next.", "--Front:AllowedHosts", "a")]
    [InlineData("holdfast", "Monitor:KeepFor is 00:00:01; it is longer than two of Monitor:ReportPeriod (00:00:01): one report may come late.", "--Monitor:KeepFor", "00:00:01")]
    [InlineData("holdfast", "Generators:MaxConcurrent:roadmpa is about no kind that runs here; there are echo, roadmap.", "--Generators:MaxConcurrent:roadmpa", "1")]
    [InlineData("holdfast", "There is no option Tasks:PendingByte. Did you mean Tasks:PendingBytes?", "--Tasks:PendingByte", "1")]
    [InlineData("holdfast", "There is no option Front:Speed. The README's table of options names the class that has them all.", "--Front:Speed", "1")]
    [InlineData("holdfast", "Sqlite:Folder is decided by Holdfast:Data here: set that instead.", "--Sqlite:Folder", "data")]
    [InlineData("holdfast", "There is no option --prot. Did you mean --port?", "--prot", "8001")]
    [InlineData("holdfast", "There is no option --Task:PendingBytes. Did you mean --Tasks:PendingBytes?", "--Task:PendingBytes", "1")]
    [InlineData("holdfast", "--store lacks its value: write --store value.", "--store")]
    [InlineData("holdfast", "Logging:LogLevel:Default is 'Loud'; it is one of Trace, Debug, Information, Warning, Error, Critical, None.", "--Logging:LogLevel:Default", "Loud")]
    [InlineData("holdfast", "'http://0.0.0.0:8001' can be reached from other machines", "--Kestrel:Endpoints:all:Url", "http://0.0.0.0:8001")]
    [InlineData("Holdfast.Silo", "Silo:Address is 'here'; it is an IP address under which the other processes reach this one.", "--address", "here")]
    [InlineData("Holdfast.Silo", "Cluster:Redis can't be read; it is host:port", "--redis", "127.0.0.1:1,password=secret,pasword=secret")]
    [InlineData("Holdfast.Silo", "Redis:Remembered is '-1'; it is at least 1.", "--Redis:Remembered", "-1")]
    [InlineData("Holdfast.WebFront", "Cluster:MissedProbes is '0'; it is from 1 to 100.", "--Cluster:MissedProbes", "0")]
    [InlineData("Holdfast.Silo", "Cluster:Silence is 00:00:00.5000000; it is at least twice Cluster:Probe × Cluster:MissedProbes (00:00:01.5000000).", "--Cluster:Silence", "00:00:00.5")]
    [InlineData("Holdfast.Silo", "'http://0.0.0.0:8100' can be reached from other machines", "--Silo:Dashboard", "true", "--urls", "http://0.0.0.0:8100")]
    [InlineData("Holdfast.WebFront", "Front:MaxFrameBytes is '0'; it is at least 1024.", "--Front:MaxFrameBytes", "0")]
    public async Task AWrongOption_EndsTheStart_AndOneLineSaysWhatToDo(string program, string line, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments);
        process.Ignore();
        Assert.Equal(2, await process.WaitForExitAsync());
        var said = (await process.Errors).TrimEnd();
        Assert.StartsWith("holdfast: " + line, said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralWrongOptions_AreSaidTogether()
    {
        await using var process = ChildProcess.Start("Holdfast.Silo", "--Recovery:Parallel", "0", "--Tasks:RetryJitter", "2", "--Tasks:MaxEvents", "1");
        process.Ignore();
        Assert.Equal(2, await process.WaitForExitAsync());
        Assert.All(["Recovery:Parallel is", "Tasks:RetryJitter is '2'; it is from 0 to 1.", "Tasks:MaxEvents is"], text => Assert.Contains(text, process.Errors.Result, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Holdfast.Silo", "Holdfast silo 0.1.0: open http://127.0.0.1:0, orleans 10.", ", cluster c, store Redis at 127.0.0.1:1, silo 127.0.0.1:", "--cluster", "c", "--redis", "127.0.0.1:1,password=secret")]
    [InlineData("Holdfast.WebFront", "Holdfast web front 0.1.0: open http://127.0.0.1:0, orleans 10.", ", cluster c, store Redis at 127.0.0.1:1", "--cluster", "c", "--redis", "127.0.0.1:1,password=secret")]
    [InlineData("holdfast", "Holdfast 0.1.0: open http://127.0.0.1:0, orleans 10.", ", cluster none: one process, store memory (nothing survives a restart), ", "--store", "memory")]
    public async Task TheFirstLineOfALog_SaysWhatStarts_WhateverItWaitsFor(string program, string begin, string then, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, [.. arguments, "--urls", "http://127.0.0.1:0"]);
        Assert.Contains("[3001]", await process.ReadLineAsync("its first line"), StringComparison.Ordinal);
        var line = (await process.ReadLineAsync("what it is"))!.Trim();
        Assert.StartsWith(begin, line, StringComparison.Ordinal);
        Assert.Contains(then, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        process.Kill();
    }
}
