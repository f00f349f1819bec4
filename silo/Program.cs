using Holdfast.Hosting;
using Holdfast.Silo;

return await HostProgram.RunAsync(() => SiloHost.Build(args));
