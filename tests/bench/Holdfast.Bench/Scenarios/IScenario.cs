namespace Holdfast.Bench.Scenarios;

/// <summary>Something that is measured.</summary>
internal interface IScenario
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>What it does, in a line.</summary>
    string Description { get; }

    /// <summary>Measures.</summary>
    Task RunAsync(BenchContext context);
}
