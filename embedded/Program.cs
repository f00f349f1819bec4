using Holdfast.Embedded;
using Holdfast.Hosting;

return await HostProgram.RunAsync(() => EmbeddedHost.Build(args));
