using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

using Holdfast.Grains.Setup;
using Holdfast.Hosting;

using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Tests.House;

/// <summary>Rules of the house for options: each explains itself, has a smallest value, and stops the start with any other.</summary>
public sealed class OptionRulesTests
{
    private static readonly char[] Space = [' ', '\r', '\n'];

    private static readonly Type[] Classes = [.. HouseRulesTests.Product.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type is { IsPublic: true, IsClass: true } && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type.Name.EndsWith("Settings", StringComparison.Ordinal)))];

    public static TheoryData<Type> Sections => [.. Classes];

    public static TheoryData<Type, string> Bounded => [.. Classes.SelectMany(type => type.GetProperties().Where(NeedsBounds).Select(option => (type, option.Name)))];

    [Fact]
    public void TheSilosAndTheFrontsOptions_AreFound() => Assert.Superset(new HashSet<string>(["TaskOptions", "FrontOptions", "ClusterSettings", "RedisLogOptions"]), Classes.Select(type => type.Name).ToHashSet());

    [Theory]
    [MemberData(nameof(Sections))]
    public void ASection_IsInTheReadme_AndOnAnyCommandLine(Type options)
    {
        var section = options.GetCustomAttribute<SectionAttribute>();
        Assert.NotNull(section);
        var row = Regex.Match(Repository.Read("README.md"), $@"\n\| `{section.Name}` \| \[{options.Name}\]\((?<path>[\w/]+\.cs)\) \| ", RegexOptions.NonBacktracking);
        Assert.True(row.Success, $"The README's table of options lacks the section {section.Name}.");
        Assert.Contains($"class {options.Name}", Repository.Read(row.Groups["path"].Value), StringComparison.Ordinal);
        Assert.NotNull(HostProgram.CreateBuilder([$"--{section.Name}:Anything", "1"], new Dictionary<string, string>()));
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void AnOption_SaysItsDefault_AndWhatSmallerAndLargerCost(Type options)
    {
        var docs = XDocument.Load(Path.Combine(AppContext.BaseDirectory, options.Assembly.GetName().Name + ".xml"))
            .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, member => string.Join(' ', member.Value.Split(Space, StringSplitOptions.RemoveEmptyEntries)));
        foreach (var option in options.GetProperties())
        {
            var text = docs[$"P:{options.FullName}.{option.Name}"];
            Assert.Contains("Default:", text, StringComparison.Ordinal);
            if (NeedsBounds(option) && !option.Name.EndsWith("Port", StringComparison.Ordinal))
            {
                Assert.True(text.Contains("Smaller and larger: as with", StringComparison.Ordinal)
                    || text.IndexOf("; larger: ", StringComparison.Ordinal) > text.IndexOf("Smaller: ", StringComparison.Ordinal) && text.Contains("Smaller: ", StringComparison.Ordinal), $"{option.Name} does not say what smaller and larger cost.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void TheDefaults_MakeSense(Type options) => OptionSections.Check(Activator.CreateInstance(options)!);

    [Theory]
    [MemberData(nameof(Bounded))]
    public void AnOption_HasASmallestAndALargestValue_AndOthersAreRefusedByName(Type options, string name)
    {
        var option = options.GetProperty(name)!;
        var bounds = option.GetCustomAttribute<BoundsAttribute>();
        Assert.True(bounds is not null, $"{name} needs [Bounds]: which is the smallest value that makes sense?");
        Assert.Null(Wrong(bounds.Least));
        Assert.NotNull(Wrong(Moved(bounds.Least, -1)));
        if (bounds.Most is not double.PositiveInfinity)
        {
            Assert.Null(Wrong(bounds.Most));
            Assert.NotNull(Wrong(Moved(bounds.Most, 1)));
        }

        string? Wrong(object value)
        {
            var one = Activator.CreateInstance(options)!;
            if (option.GetValue(one) is IDictionary<string, int> entries)
            {
                entries["any"] = Convert.ToInt32(value);
            }
            else
            {
                option.SetValue(one, value is TimeSpan ? value : Convert.ChangeType(value, option.PropertyType));
            }

            // Others of the class may no longer go with it: that is another refusal.
            return Record.Exception(() => OptionSections.Check(one)) is not OptionsValidationException refused ? null
                : refused.Failures.SingleOrDefault(text => text.StartsWith($"{refused.OptionsName}:{name} is '", StringComparison.Ordinal) && (text.Contains("; it is at least ", StringComparison.Ordinal) || text.Contains("; it is from ", StringComparison.Ordinal)));
        }
    }

    private static bool NeedsBounds(PropertyInfo option) =>
        option.PropertyType == typeof(TimeSpan) || option.PropertyType == typeof(Dictionary<string, int>) || (option.PropertyType.IsPrimitive && option.PropertyType != typeof(bool));

    private static object Moved(object value, int by) => value is TimeSpan time ? time + TimeSpan.FromMilliseconds(by) : (double)value + by;
}
