using Holdfast.Embedded;

return await EmbeddedHost.RunAsync(args);
