using System.Net;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 9: reserved kinds, and the kind <c>echo</c>.</summary>
public sealed class Section9_Echo(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task WithoutInput_AHundredTokensOfAHundredCharacters()
    {
        var task = await Api.CreateAsync(new { kind = "echo" });
        await Api.EndOfAsync(task);
        var tokens = (await Api.LogAsync(task)).Where(one => one.Type == "token").Select(one => one.Data).ToList();
        Assert.Equal(100, tokens.Count);
        Assert.All(tokens, token => Assert.Equal(("main", 100), (token.GetProperty("channel").GetString(), token.GetProperty("delta").GetString()!.Length)));
        Assert.Equal(Enumerable.Range(1, 100).Select(n => $"{n}:"), tokens.Select(token => token.GetProperty("delta").GetString()!.Split(':')[0] + ":"));
    }

    [Fact]
    public async Task OneProgressPerFullTenPercent()
    {
        var task = await Api.EchoAsync(new { count = 40, interval_ms = 0, size = 1 });
        await Api.EndOfAsync(task);
        var log = await Api.LogAsync(task);
        Assert.Equal(Enumerable.Range(1, 10).Select(n => $$"""{"percent":{{n * 10}},"stage":"tokens","current":{{n * 4}},"total":40}"""), log.Where(one => one.Type == "progress").Select(one => one.Data.GetRawText()));
        Assert.Equal(["completed", "created", "progress", "started", "token"], log.Select(one => one.Type).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ATokenHasAtLeastItsPrefix_ChannelAndResultAreAsAsked()
    {
        var task = await Api.EchoAsync(new { count = 12, interval_ms = 0, size = 1, channel = "chapter 1", result = new { any = "thing" } });
        await Api.EndOfAsync(task);
        var tokens = (await Api.LogAsync(task)).Where(one => one.Type == "token").Select(one => one.Data.GetRawText());
        Assert.Equal(Enumerable.Range(1, 12).Select(n => $$"""{"channel":"chapter 1","delta":"{{n}}:"}"""), tokens);
        Assert.Equal("""{"count":12,"result":{"any":"thing"}}""", (await Api.GetAsync($"/api/v1/tasks/{task}/result")).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task CountZero_IsDoneAtOnce()
    {
        var task = await Api.EchoAsync(new { count = 0 });
        await Api.EndOfAsync(task);
        Assert.Equal(["created", "started", "completed"], (await Api.LogAsync(task)).Select(one => one.Type));
        Assert.Equal("""{"count":0,"result":null}""", (await Api.GetAsync($"/api/v1/tasks/{task}/result")).Text);
    }

    [Fact]
    public async Task AnAttemptNotAfterFailTimes_FailsBeforeThatToken_AndTheNextGoesOnWithIt()
    {
        var task = await Api.EchoAsync(new { count = 5, interval_ms = 0, fail_at = 3 });
        await Api.EndOfAsync(task);
        var log = await Api.LogAsync(task);
        Assert.Equal(["created", "started", "token", "progress", "token", "progress", "retrying", "started", "token", "progress", "token", "progress", "token", "progress", "completed"], log.Select(one => one.Type));
        var retrying = log[6].Data;
        Assert.Equal((2, "echo_failed", 6), (retrying.GetProperty("attempt").GetInt32(), retrying.GetProperty("reason").GetString(), retrying.GetProperty("supersedes_after").GetInt32()));
    }

    [Fact]
    public async Task FailTimes_CountsAttempts_AndTheLastFailureIsTheTasks()
    {
        var task = await Api.CreateAsync(new { kind = "echo", input = new { count = 5, interval_ms = 0, fail_at = 1, fail_times = 9 }, max_attempts = 2 });
        var end = await Api.EndOfAsync(task);
        Assert.Equal(["created", "started", "retrying", "started", "failed"], (await Api.LogAsync(task)).Select(one => one.Type));
        Assert.Equal(("echo_failed", true), (end.GetProperty("error").GetProperty("code").GetString(), end.GetProperty("error").GetProperty("retryable").GetBoolean()));
    }

    [Theory]
    [InlineData("approve", "completed")]
    [InlineData("revise", "completed")]
    [InlineData("reject", "failed")]
    public async Task BeforeReviewAt_ItAsks_ApproveAndReviseGoOn_RejectFails(string decision, string status)
    {
        var task = await Api.EchoAsync(new { count = 4, interval_ms = 0, review_at = 3 });
        await Api.UntilStatusAsync(task, "awaiting_review");
        var snapshot = await Api.SnapshotAsync(task);
        var pending = snapshot.GetProperty("pending_review");
        Assert.Equal(["review_id", "prompt", "payload", "expires_at"], pending.EnumerateObject().Select(member => member.Name));
        Assert.Equal("""{"token":3,"of":4}""", pending.GetProperty("payload").GetRawText());
        var required = (await Api.LogAsync(task))[^1];
        Assert.Equal((("review_required"), pending.GetRawText()), (required.Type, required.Data.GetRawText()));
        (await Api.PostAsync($"/api/v1/tasks/{task}/review", new { review_id = pending.GetProperty("review_id").GetString(), decision })).Is(HttpStatusCode.OK);
        var end = await Api.EndOfAsync(task);
        Assert.Equal(status, end.GetProperty("status").GetString());
        Assert.Equal("null", end.GetProperty("pending_review").GetRawText());
        if (status == "failed")
        {
            Assert.Equal("""{"code":"review_rejected","message":"The review was answered with a rejection.","retryable":false}""", end.GetProperty("error").GetRawText());
        }
    }

    [Theory]
    [InlineData("""{"count":-1}""", "input.count")]
    [InlineData("""{"count":1000001}""", "input.count")]
    [InlineData("""{"count":1.5}""", "input.count")]
    [InlineData("""{"count":"5"}""", "input.count")]
    [InlineData("""{"count":99999999999999999999}""", "input.count")]
    [InlineData("""{"interval_ms":60001}""", "input.interval_ms")]
    [InlineData("""{"size":0}""", "input.size")]
    [InlineData("""{"size":65537}""", "input.size")]
    [InlineData("""{"channel":""}""", "input.channel")]
    [InlineData("""{"channel":7}""", "input.channel")]
    [InlineData("""{"fail_at":0}""", "input.fail_at")]
    [InlineData("""{"fail_times":-1}""", "input.fail_times")]
    [InlineData("""{"review_at":"x"}""", "input.review_at")]
    [InlineData("""{"cuont":5}""", "input.cuont")]
    public async Task AWrongInput_422_WithTheField(string input, string field) =>
        (await Api.PostAsync("/api/v1/tasks", $$"""{"kind":"echo","input":{{input}}}""")).IsProblem(HttpStatusCode.UnprocessableEntity, "invalid_input", field);

    [Theory]
    [InlineData("article")]
    [InlineData("chat")]
    public async Task AReservedKindThatIsNotThere_422(string kind) =>
        (await Api.PostAsync("/api/v1/tasks", new { kind })).IsProblem(HttpStatusCode.UnprocessableEntity, "kind_unavailable", "kind");

    [Fact]
    public async Task AnyOtherName_WaitsInQueued_UntilAWorkerLeasesIt()
    {
        var task = await HandTask.QueueAsync(Api);
        Assert.Equal("queued", await Api.StatusAsync(task.Id));
        await task.LeaseAsync();
        Assert.Equal("running", await Api.StatusAsync(task.Id));
    }

    [Fact]
    public async Task ABuiltInKind_IsNeverLeftToWorkers()
    {
        var task = await Api.EchoAsync(new { count = 100, interval_ms = 50 });
        (await Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { "echo" } })).Is(HttpStatusCode.NoContent);
        await Api.PostAsync($"/api/v1/tasks/{task}/cancel");
    }
}
