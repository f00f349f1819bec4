using System.Globalization;

using Holdfast.Bench;
using Holdfast.Bench.Servers;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    // The bench starts itself twice: once for each server that is measured.
    ["serve", "holdfast", .. var rest] => await HoldfastServer.RunAsync(rest),
    ["serve", "baseline"] => await BaselineServer.RunAsync(),
    _ => await BenchRun.RunAsync(args),
};
