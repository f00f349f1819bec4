using System.Globalization;

using Holdfast.Bench;
using Holdfast.Bench.Servers;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    // The bench starts itself once more for each process that is measured.
    ["serve", "holdfast", .. var rest] => await HoldfastServer.RunAsync(rest),
    ["serve", "silo", .. var rest] => await HoldfastServer.RunSiloAsync(rest),
    ["serve", "front", .. var rest] => await HoldfastServer.RunFrontAsync(rest),
    ["serve", "baseline"] => await BaselineServer.RunAsync(),
    _ => await BenchRun.RunAsync(args),
};
