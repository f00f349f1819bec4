using System.Reflection;

using Microsoft.Extensions.Logging;

namespace Holdfast.WebFront.Tests.House;

/// <summary>Rules of the house that no compiler keeps.</summary>
public sealed class HouseRulesTests
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    internal static readonly Assembly[] Product =
        [.. new[] { "Holdfast.Grains", "Holdfast.Generators.Roadmap", "Holdfast.Silo", "Holdfast.WebFront", "Holdfast.Hosting", "holdfast" }.Select(Assembly.Load)];

    [Fact]
    public void EveryLogMessage_HasAnIdOfItsOwn()
    {
        var messages = Product.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods(Everything))
            .Select(method => (Method: $"{method.DeclaringType}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)).Where(one => one.EventId is not null).ToList();
        Assert.True(messages.Count > 30, $"Only {messages.Count} messages were found.");
        Assert.Empty(messages.GroupBy(one => one.EventId).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(one => one.Method))}"));
    }

    [Fact]
    public void NoTypeOfTheProduct_HasTheNameOfAnOrleansType()
    {
        var orleans = Product.SelectMany(assembly => assembly.GetReferencedAssemblies()).DistinctBy(name => name.FullName).Select(Assembly.Load)
            .SelectMany(assembly => assembly.GetExportedTypes()).Where(type => type.Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true)
            .Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("IGrainWithStringKey", orleans);
        Assert.DoesNotContain(Product.SelectMany(assembly => assembly.GetTypes()), type => type.Namespace?.StartsWith("Holdfast", StringComparison.Ordinal) == true && !type.IsNested && orleans.Contains(type.Name));
    }
}
