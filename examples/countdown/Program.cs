using System.Text.Json;

using Holdfast.Embedded;
using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

await using var app = HoldfastApp.Create(args, holdfast => holdfast.AddGenerator<CountdownGenerator>());
await app.RunAsync();

internal sealed class CountdownGenerator : IGenerator
{
    public string Kind => "countdown";

    public void Validate(JsonElement input)
    {
        if (!input.TryGetProperty("from", out var from) || from.ValueKind != JsonValueKind.Number || !from.TryGetInt32(out var n) || n is < 1 or > 1000)
        {
            throw new InvalidInputException("from", "'from' is a whole number from 1 to 1000.");
        }
    }

    public async Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken)
    {
        var from = context.Input.GetProperty("from").GetInt32();
        var left = context.Checkpoint.ValueKind == JsonValueKind.Number ? context.Checkpoint.GetInt32() : from;
        for (; left > 0; left--)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), context.Clock, cancellationToken);
            await context.AppendAsync(EventDraft.Token("main", $"{left} "), JsonSerializer.SerializeToElement(left - 1));
        }

        return JsonSerializer.SerializeToElement("lift-off");
    }
}
