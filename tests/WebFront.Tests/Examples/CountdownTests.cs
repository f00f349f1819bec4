using System.Net;
using System.Text.RegularExpressions;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Hosting;
using Holdfast.WebFront.Tests.House;

namespace Holdfast.WebFront.Tests.Examples;

/// <summary>The program that the README shows: it is this file, it runs, and its tasks outlive it.</summary>
public sealed class CountdownTests
{
    [Fact]
    public void TheReadmesProgram_IsTheExample()
    {
        var shown = Regex.Match(Repository.Read("README.md"), "\n```csharp\n(?<code>.*?)```\n", RegexOptions.Singleline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);
        Assert.Equal(Repository.Read("examples/countdown/Program.cs"), shown.Groups["code"].Value);
    }

    [Fact]
    public async Task ItsTask_GoesOnAfterKill9()
    {
        using var folder = new TempFolder();
        string task;
        await using (var program = await FrontProcess.StartAsync(folder.Path, program: "Countdown"))
        {
            task = (await program.Api.PostAsync("/api/v1/tasks", new { kind = "countdown", input = new { from = 3 } })).Is(HttpStatusCode.Accepted)["task_id"].GetString()!;
            await Waiting.UntilAsync("the first number", async () => (await program.Api.LogAsync(task)).Any(one => one.Type == "token"));
            await program.KillAsync();
        }

        await using var again = await FrontProcess.StartAsync(folder.Path, program: "Countdown");
        await again.Api.UntilStatusAsync(task, "completed");
        var text = string.Concat((await again.Api.LogAsync(task)).Where(one => one.Type == "token").Select(one => one.Data.GetProperty("delta").GetString()));
        Assert.Equal("3 2 1 ", text);
    }

    [Fact]
    public async Task AWrongInput_IsRefusedWithItsField()
    {
        using var folder = new TempFolder();
        await using var program = await FrontProcess.StartAsync(folder.Path, program: "Countdown");
        var refused = (await program.Api.PostAsync("/api/v1/tasks", new { kind = "countdown", input = new { from = "ten" } })).Is(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(("invalid_input", "input.from"), (refused["code"].GetString(), refused["field"].GetString()));
    }
}
