namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>The rows of <c>blob</c>.</summary>
internal sealed class BlobTable(Database database)
{
    private readonly Statement _put = database.Prepare("INSERT INTO blob VALUES(?1, ?2, ?3) ON CONFLICT(n, name) DO UPDATE SET bytes=excluded.bytes");
    private readonly Statement _find = database.Prepare("SELECT blob.bytes FROM blob JOIN log ON log.n=blob.n WHERE log.id=?1 AND blob.name=?2");
    private readonly Statement _size = database.Prepare("SELECT sum(length(bytes)) FROM blob WHERE n=?1");
    private readonly Statement _delete = database.Prepare("DELETE FROM blob WHERE n=?1");

    /// <summary>Adds or replaces a blob.</summary>
    public void Put(long number, LogBlob blob)
    {
        _put.Set(1, number).Set(2, blob.Name).Set(3, blob.Bytes.Span).Execute();
        _put.Forget();
    }

    /// <summary>A blob of a log that is there.</summary>
    public byte[]? Find(string id, string name)
    {
        using (_find.Set(1, id).Set(2, name).Run())
        {
            return _find.Step() ? _find.Bytes(0).ToArray() : null;
        }
    }

    /// <summary>Takes all blobs of a log away, and says how many bytes they had.</summary>
    public long DeleteAll(long number)
    {
        long size;
        using (_size.Set(1, number).Run())
        {
            size = _size.Step() ? _size.Number(0) : 0;
        }

        _delete.Set(1, number).Execute();
        return size;
    }
}
