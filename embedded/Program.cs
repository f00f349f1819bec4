using Holdfast.Embedded;

return await HoldfastApp.RunAsync(args);
