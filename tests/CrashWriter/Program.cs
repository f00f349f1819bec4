using System.Globalization;

using Holdfast.CrashWriter;
using Holdfast.Grains.Logs.Sqlite;

using Microsoft.Extensions.Logging.Abstractions;

// CrashWriter append <folder> <seed>     appends to many logs until it is killed
// CrashWriter diskfull <folder>          runs out of disk and goes on
// CrashWriter hold <folder>              keeps the store open until its input ends
var (command, folder) = (args[0], args[1]);
Say.Line("starting");
await using var store = SqliteLogStore.Open(Script.Options(folder), TimeProvider.System, NullLogger<SqliteLogStore>.Instance);
switch (command)
{
    case "append":
        await new Appender(store, int.Parse(args[2], CultureInfo.InvariantCulture)).RunAsync();
        break;
    case "diskfull":
        await DiskFull.RunAsync(store, folder);
        break;
    case "hold":
        Say.Line("open");
        await Console.In.ReadToEndAsync();
        break;
    default:
        throw new InvalidOperationException($"There is no command {command}.");
}
