using System.Reflection;

namespace Holdfast.Engine.Tests.Surface;

/// <summary>Compares the engine's public surface with the packages it stands in for.</summary>
public class SurfaceTests
{
    /// <summary>Where the engine differs on purpose: type and member, and why.</summary>
    private static readonly Dictionary<string, string> s_explained = [];

    [Fact]
    public void Every_public_member_that_Orleans_has_too_looks_the_same_there()
    {
        var ours = PublicSurface.Read(typeof(Grain).Assembly.Location).Types;
        var theirs = Theirs();
        var compared = ours.Values.Where(t => theirs.ContainsKey(t.Name)).ToList();
        Assert.True(compared.Count >= 30, "The packages were not read, or the engine has lost its surface.");

        var differences = compared.SelectMany(t => Compare(t, theirs[t.Name])).ToDictionary();

        Assert.Empty(differences.Where(d => !s_explained.ContainsKey(d.Key)).Select(d => $"{d.Key}: {d.Value}"));
        Assert.Empty(s_explained.Keys.Except(differences.Keys));
    }

    [Fact]
    public void A_difference_of_one_question_mark_is_seen()
    {
        var theirs = Theirs()["Orleans.Core.IStorage"];
        var changed = theirs with { Members = theirs.Members.ToDictionary(m => m.Key, m => m.Value.Replace("String?", "String", StringComparison.Ordinal)) };

        var difference = Assert.Single(Compare(changed, theirs));

        Assert.Equal("Orleans.Core.IStorage: property Etag", difference.Key);
    }

    private static IEnumerable<KeyValuePair<string, string>> Compare(SurfaceType ours, SurfaceType theirs)
    {
        if (ours.Head != theirs.Head)
        {
            yield return new(ours.Name, $"is '{ours.Head}', there '{theirs.Head}'");
        }

        foreach (var missing in ours.Bases.Except(theirs.Bases))
        {
            yield return new($"{ours.Name}: base {missing}", "it does not derive from that there");
        }

        foreach (var (key, member) in ours.Members)
        {
            if (!theirs.Members.TryGetValue(key, out var real))
            {
                yield return new($"{ours.Name}: {key}", "it is not there");
            }
            else if (member != real)
            {
                yield return new($"{ours.Name}: {key}", $"\n  is    {member}\n  there {real}");
            }
        }
    }

    private static Dictionary<string, SurfaceType> Theirs() => Downloaded("Orleans.Core.Abstractions").Concat(Downloaded("Orleans.TestingHost")).ToDictionary();

    private static Dictionary<string, SurfaceType> Downloaded(string name) =>
        PublicSurface.Read(typeof(SurfaceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!).Types;
}
