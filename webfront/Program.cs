using Holdfast.Hosting;
using Holdfast.WebFront;

return await HostProgram.RunAsync(() => WebFrontHost.Build(args));
