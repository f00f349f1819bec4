using Holdfast.Hosting;
using Holdfast.WebFront;

return await HostProgram.RunAsync(() => FrontHost.Build(args));
