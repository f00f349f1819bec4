using System.Text.RegularExpressions;

namespace Holdfast.WebFront.Tests.House;

/// <summary>Folders depend on one another in one direction: what is moved or replaced takes nothing of its users along.</summary>
public sealed class RoomsTests
{
    [Theory]
    [InlineData("grains", "Holdfast.Grains")]
    [InlineData("hosting", "Holdfast.Hosting")]
    public void NoFoldersOfAProject_NeedOneAnother(string project, string root)
    {
        var needs = Needs(project, root);
        Assert.True(project is not "grains" || needs.Count > 5, $"Only {needs.Count} folders of {project} were found.");
        var circles = needs.Keys.Where(folder => Reaches(folder, folder, needs, [])).Order(StringComparer.Ordinal);
        Assert.Empty(circles.Select(folder => $"{folder} needs {string.Join(", ", needs[folder].Where(other => Reaches(other, folder, needs, [])))}"));
    }

    /// <summary>A built-in kind is a plug-in: what it needs, anybody's has.</summary>
    [Fact]
    public void ABuiltInGenerator_SeesTheContractOnly()
    {
        string[] contract = ["Holdfast.Grains", "Holdfast.Grains.Events", "Holdfast.Grains.Generators", "Holdfast.Grains.Setup"];
        var used = Repository.Files("generators", "*.cs").SelectMany(file => Usings(File.ReadAllText(file)))
            .Where(name => name.StartsWith("Holdfast.", StringComparison.Ordinal) && !name.StartsWith("Holdfast.Generators.", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("Holdfast.Grains.Generators", used);
        Assert.Empty(used.Except(contract));
    }

    private static IEnumerable<string> Usings(string text) =>
        Regex.Matches(text, @"^using (static )?(?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture).Select(match => match.Groups["name"].Value);

    private static bool Reaches(string from, string to, Dictionary<string, HashSet<string>> needs, HashSet<string> seen) =>
        needs.GetValueOrDefault(from) is { } next && next.Any(other => other == to || (seen.Add(other) && Reaches(other, to, needs, seen)));

    /// <summary>By namespace, those that its files name. The project's own namespace is seen from everywhere, and its files see everything.</summary>
    private static Dictionary<string, HashSet<string>> Needs(string project, string root)
    {
        var needs = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var file in Repository.Files(project, "*.cs"))
        {
            var text = File.ReadAllText(file);
            var own = Regex.Match(text, @"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.NonBacktracking).Groups["name"].Value;
            if (own.Length <= root.Length)
            {
                continue;
            }

            var used = Usings(text).Where(name => name.StartsWith(root + ".", StringComparison.Ordinal) && name != own);
            if (!needs.TryGetValue(own, out var known))
            {
                needs[own] = known = new HashSet<string>(StringComparer.Ordinal);
            }

            known.UnionWith(used);
            for (var above = own[..own.LastIndexOf('.')]; above.Length > root.Length; above = above[..above.LastIndexOf('.')])
            {
                // What lies in a folder sees the folder that it is in.
                known.Add(above);
            }
        }

        return needs;
    }
}
