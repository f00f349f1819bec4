using System.Globalization;

using Holdfast.TestSupport;

namespace Holdfast.Fault.Tests;

/// <summary>However a runner of a cluster ends, nothing that it has started stays behind.</summary>
public sealed class LeavesNothingTests
{
    [Theory]
    [InlineData("kill -9")]
    [InlineData("SIGTERM")]
    [InlineData("SIGINT")]
    public async Task ARunnerThatEnds_TakesItsClusterWithIt(string how)
    {
        await using var runner = Run();
        await UntilLineAsync(runner, line => line.Contains(" stop ", StringComparison.Ordinal));
        var children = ChildrenOf(runner.Id);
        Assert.Equal(4, children.Count);
        End(runner, how);
        await runner.WaitForExitAsync();
        await Waiting.UntilAsync("all of the cluster is gone", () => !children.Any(IsAlive));
    }

    [Fact]
    public async Task ARunnerThatIsKilledWhileItStarts_LeavesNothing()
    {
        await using var runner = Run();
        await UntilLineAsync(runner, line => line.StartsWith("starting front-1", StringComparison.Ordinal));
        var children = ChildrenOf(runner.Id);
        Assert.NotEmpty(children);
        End(runner, "kill -9");
        await runner.WaitForExitAsync();
        await Waiting.UntilAsync("all of the cluster is gone", () => !children.Any(IsAlive));
    }

    [Fact]
    public async Task AChild_OutlivesTheThreadThatAskedForIt()
    {
        ChildProcess? child = null;
        var entry = "";
        var thread = new Thread(() => (child, entry) = (ChildProcess.Start("/usr/bin/cat"), File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName));
        thread.Start();
        thread.Join();
        await using (child!)
        {
            await Waiting.UntilAsync("the kernel has forgotten the thread", () => !Directory.Exists(entry));
            await child!.WriteLineAsync("still here");
            Assert.Equal("still here", await child.ReadLineAsync("the child's answer"));
        }
    }

    /// <summary>Redis, a silo, a front and Caddy.</summary>
    private static ChildProcess Run() => ChildProcess.Start(
        "/usr/bin/env", "dotnet", Path.Combine(AppContext.BaseDirectory, "Holdfast.Chaos.dll"), "cluster", "--silos", "1", "--fronts", "1", "--port", "0");

    private static void End(ChildProcess runner, string how)
    {
        if (how == "kill -9")
        {
            runner.Kill();
        }
        else
        {
            runner.Signal(Enum.Parse<System.Runtime.InteropServices.PosixSignal>(how));
        }
    }

    private static async Task UntilLineAsync(ChildProcess runner, Predicate<string> wanted)
    {
        while (await runner.ReadLineAsync("the runner's next line") is { } line)
        {
            if (wanted(line))
            {
                runner.Ignore();
                return;
            }
        }

        throw new InvalidOperationException($"The runner ended: {await runner.Errors}");
    }

    private static List<int> ChildrenOf(int parent) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(process => Stat(process) is { } stat && stat[1] == $"{parent}")];

    /// <summary>Whoever is nobody's child any more may stay in the kernel's list until somebody asks how it ended.</summary>
    private static bool IsAlive(int process) => Stat(process) is { } stat && stat[0] is not ("Z" or "X");

    /// <summary>State, parent and the rest: what follows the name, which is in parentheses. Null when there is no such process.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
