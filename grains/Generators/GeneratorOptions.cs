using Holdfast.Grains.Setup;

using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Generators;

/// <summary>How much generators may do.</summary>
[Section("Generators")]
public sealed class GeneratorOptions
{
    /// <summary>
    /// How many tasks of a kind run at once on one silo, by kind: <c>Generators:MaxConcurrent:roadmap</c>; the others wait in <c>queued</c>. Smaller:
    /// those that run are done sooner; larger: more are under way together. Default: as the kind was registered: 10,000 of <c>echo</c>, one
    /// <c>roadmap</c> per processor, four per processor of others.
    /// </summary>
    [Bounds(1)]
    public Dictionary<string, int> MaxConcurrent { get; } = new(StringComparer.Ordinal);
}

/// <summary>A limit of a kind that does not run here limits nothing.</summary>
internal sealed class KnownKinds(IEnumerable<GeneratorEntry> entries) : IValidateOptions<GeneratorOptions>
{
    public ValidateOptionsResult Validate(string? name, GeneratorOptions options)
    {
        var kinds = entries.Select(entry => entry.Generator.Kind).ToList();
        return options.MaxConcurrent.Keys.FirstOrDefault(kind => !kinds.Contains(kind)) is { } unknown
            ? ValidateOptionsResult.Fail($"Generators:MaxConcurrent:{unknown} is about no kind that runs here; there are {string.Join(", ", kinds)}.")
            : ValidateOptionsResult.Success;
    }
}
