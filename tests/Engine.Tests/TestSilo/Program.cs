using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

// Arguments: a Redis, a cluster's name, a port, the silo's name, how many renewals may be missing.
var port = int.Parse(args[2], CultureInfo.InvariantCulture);
var builder = Host.CreateEmptyApplicationBuilder(new());
builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
builder.UseOrleans(silo =>
{
    silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (args[1], "test"));
    silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
    silo.Configure<ClusterMembershipOptions>(o => (o.ProbeTimeout, o.NumMissedProbesLimit) = (TimeSpan.FromMilliseconds(500), int.Parse(args[4], CultureInfo.InvariantCulture)));
    silo.Configure<SiloOptions>(o => o.SiloName = args[3]);
    silo.UseRedisClustering(args[0]);
    silo.ConfigureEndpoints(IPAddress.Loopback, port, port + 1);
});
using var host = builder.Build();
await host.StartAsync();
Console.WriteLine("ready");
await host.WaitForShutdownAsync();
