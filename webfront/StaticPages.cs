using Microsoft.Extensions.FileProviders;

namespace Holdfast.WebFront;

/// <summary>The pages: the app as <c>npm run build</c> made it in <c>ui/</c>, and where it was not built, the plain page.</summary>
internal static class StaticPages
{
    /// <summary>Serves them. An app's page is <c>name/index.html</c>, and is found at <c>/name</c>.</summary>
    public static void UsePages(this WebApplication app)
    {
        var root = app.Environment.WebRootFileProvider;
        var built = new PrefixedFiles(root, "/ui");
        app.Environment.WebRootFileProvider = built.GetFileInfo("/index.html").Exists ? new CompositeFileProvider(built, root) : root;
        app.UseDefaultFiles(new DefaultFilesOptions { RedirectToAppendTrailingSlash = false });
        app.UseStaticFiles(new StaticFileOptions
        {
            // Names of assets change with what is in them. A page is asked for each time, so that it names assets that are there.
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache",
        });
    }

    /// <summary>The files below one folder of others.</summary>
    private sealed class PrefixedFiles(IFileProvider files, string folder) : IFileProvider
    {
        public IFileInfo GetFileInfo(string subpath) => files.GetFileInfo(folder + subpath);

        public IDirectoryContents GetDirectoryContents(string subpath) => files.GetDirectoryContents(folder + subpath);

        public Microsoft.Extensions.Primitives.IChangeToken Watch(string filter) => files.Watch(folder + filter);
    }
}
