using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Report;

/// <summary>The results for programs.</summary>
internal static class ResultsFile
{
    /// <summary>Writes them.</summary>
    public static async Task WriteAsync(string path, BenchResults results, BenchOptions options)
    {
        var machine = new Machine(
            Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, Holdfast.Hosting.HostBanner.Orleans);
        var file = new Content(DateTimeOffset.UtcNow, options.Quick, options.Repeat, machine, [.. results.Rows()], results.Figures, results.Violations);
        await using var stream = File.Create(path);
        await JsonSerializer.SerializeAsync(stream, file, ResultsJson.Default.Content);
    }

    internal sealed record Machine(int Processors, long MemoryMiB, string System, string Runtime, string Orleans);

    internal sealed record Content(DateTimeOffset At, bool Quick, int Repeat, Machine Machine, IReadOnlyList<Row> Rows, IReadOnlyList<Figure> Figures, IReadOnlyList<string> Violations);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ResultsFile.Content))]
internal sealed partial class ResultsJson : JsonSerializerContext;
