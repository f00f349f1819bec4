using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Generators;

/// <summary>The generators of this silo, by kind, and the kinds that are reserved.</summary>
public sealed class GeneratorCatalog
{
    /// <summary>Names of built-in kinds, those of later versions too: none of them is ever left to external workers.</summary>
    public static readonly IReadOnlySet<string> Reserved = new HashSet<string>(StringComparer.Ordinal) { "echo", "roadmap", "article", "chat" };

    private readonly Dictionary<string, GeneratorEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Collects what was registered.</summary>
    /// <exception cref="InvalidOperationException">Two generators claim one kind, or a kind's name is malformed.</exception>
    public GeneratorCatalog(IEnumerable<GeneratorEntry> registered, IOptions<GeneratorOptions> options)
    {
        var most = options.Value.MaxConcurrent;
        foreach (var entry in registered.Select(one => most.TryGetValue(one.Generator.Kind, out var places) ? one with { MaxConcurrent = places } : one))
        {
            if (!IsKindName(entry.Generator.Kind))
            {
                throw new InvalidOperationException($"The generator {entry.Generator.GetType()} has the kind '{entry.Generator.Kind}': use 1 to 64 of a-z0-9._-.");
            }

            if (!_entries.TryAdd(entry.Generator.Kind, entry))
            {
                throw new InvalidOperationException($"Two generators have the kind '{entry.Generator.Kind}': register one of them.");
            }
        }
    }

    /// <summary>The kinds that run here.</summary>
    public IEnumerable<GeneratorEntry> Entries => _entries.Values;

    /// <summary>The generator of a kind; null when external workers do it.</summary>
    public GeneratorEntry? Find(string kind) => _entries.GetValueOrDefault(kind);

    /// <summary>True for 1 to 64 of <c>a-z0-9._-</c>.</summary>
    public static bool IsKindName(string? kind) => kind is { Length: >= 1 and <= 64 } && !kind.AsSpan().ContainsAnyExcept(KindCharacters);

    private static readonly System.Buffers.SearchValues<char> KindCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");
}

/// <summary>A registered generator.</summary>
/// <param name="Generator">It.</param>
/// <param name="MaxConcurrent">How many of its tasks run at once on one silo; the others wait in <c>queued</c>.</param>
public sealed record GeneratorEntry(IGenerator Generator, int MaxConcurrent)
{
    /// <summary>What <c>AddGenerator</c> uses when told nothing: four per processor, as generators compute.</summary>
    public static int DefaultMaxConcurrent => 4 * Environment.ProcessorCount;
}
