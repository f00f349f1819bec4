using System.Globalization;
using System.Text;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>Keeps a folder for one store alone, in this process and among all processes of the machine, until it is disposed of or its process ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the folder, and makes it where there is none.</summary>
    /// <exception cref="LogStoreSetupException">Somebody else has it, or it can't be written to.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, "holdfast.lock");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, exception);
        }

        try
        {
            var taken = new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            taken.Sign();
            return taken;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Unusable(folder, exception);
        }
        catch (IOException exception)
        {
            throw new LogStoreSetupException(
                $"The log store in '{folder}' is in use by another process, whose number is in '{path}', or by another store of this one. "
                + $"End that one, or give {nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)} another folder.",
                exception);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private static LogStoreSetupException Unusable(string folder, Exception exception) => new(
        $"The folder '{folder}' can't be used for the log store ({exception.Message}). "
        + $"Make it writable for this user, or give {nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)} another one.",
        exception);

    private void Sign()
    {
        try
        {
            _file.SetLength(0);
            _file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
        }
        catch (IOException)
        {
            // The number only helps people; the lock is the open file.
        }
    }
}
