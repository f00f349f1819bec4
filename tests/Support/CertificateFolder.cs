namespace Holdfast.TestSupport;

/// <summary>An authority with its certificates, as <c>./platform certs</c> makes them, in a folder that is gone afterwards.</summary>
public sealed class CertificateFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    private CertificateFolder()
    {
    }

    /// <summary>The program that makes them.</summary>
    public static string Platform => Path.Combine(Root(), "platform");

    /// <summary>How a silo is told of its certificate.</summary>
    public string[] SiloArguments => Arguments("silo");

    /// <summary>How a front is told of its certificate.</summary>
    public string[] FrontArguments => Arguments("front");

    /// <summary>Makes an authority of its own.</summary>
    public static async Task<CertificateFolder> MakeAsync()
    {
        var made = new CertificateFolder();
        await using var certs = ChildProcess.Start(Platform, "certs", made._folder.Path);
        certs.Ignore();
        var code = await certs.WaitForExitAsync();
        return code == 0 ? made : throw new InvalidOperationException($"./platform certs ended with {code}: {await certs.Errors}");
    }

    /// <summary>Where a file is: <c>silo.pem</c>.</summary>
    public string File(string name) => Path.Combine(_folder.Path, name);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not lie within the repository.");
    }

    private string[] Arguments(string role) =>
        ["--Cluster:Authority", File("authority.pem"), "--Cluster:Certificate", File(role + ".pem"), "--Cluster:CertificateKey", File(role + ".key")];
}
