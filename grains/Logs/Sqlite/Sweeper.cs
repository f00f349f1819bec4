namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// Takes away the chunks and blobs of deleted logs, a slice at a time. Chunks of many logs lie between each other, and logs that ran at the same
/// time are mostly deleted at the same time: so the slices go through all of them together from the highest row down, and write each page once.
/// </summary>
internal sealed class Sweeper(Database database)
{
    // A slice is so many chunks of one page, or fewer larger ones: a few milliseconds.
    private const int SliceCost = 256;
    private const int BytesPerCost = 16 << 10;
    private const int MaxLogs = 10_000;

    // Pages are given back to the file system when so many, and so large a part of the file, are free.
    private const int MinFreePages = 4096;
    private const int MinFreePart = 4;
    private const int SlicePages = 512;

    private readonly ChunkTable _chunks = new(database);
    private readonly BlobTable _blobs = new(database);
    private readonly Statement _begin = database.Prepare("BEGIN IMMEDIATE");
    private readonly Statement _commit = database.Prepare("COMMIT");
    private readonly Statement _select = database.Prepare("SELECT n, tail FROM dead ORDER BY tail DESC LIMIT ?1");
    private readonly Statement _move = database.Prepare("UPDATE dead SET tail=?2 WHERE n=?1");
    private readonly Statement _done = database.Prepare("DELETE FROM dead WHERE n=?1");

    // Dead logs by the row of their last chunk, the highest first.
    private readonly PriorityQueue<long, long> _tails = new();

    /// <summary>Whether there is anything to sweep.</summary>
    public bool HasWork()
    {
        using (_select.Set(1, 1).Run())
        {
            return _select.Step();
        }
    }

    /// <summary>Takes a slice away, in a commit of its own. False when nothing is left.</summary>
    public bool Slice()
    {
        if (_tails.Count == 0)
        {
            LoadTails();
        }

        if (_tails.Count == 0)
        {
            return ShrinkFile();
        }

        try
        {
            _begin.Execute();
            SweepChunks();
            _commit.Execute();
            return true;
        }
        catch
        {
            _tails.Clear();
            if (database.InTransaction)
            {
                database.Execute("ROLLBACK");
            }

            throw;
        }
    }

    private void SweepChunks()
    {
        var moved = new Dictionary<long, long>();
        for (var cost = 0L; cost < SliceCost && _tails.TryDequeue(out var number, out var order); cost++)
        {
            var swept = order == 0 ? null : _chunks.Delete(number, -order);
            if (swept is { Prev: > 0 } chunk)
            {
                moved[number] = chunk.Prev;
                _tails.Enqueue(number, -chunk.Prev);
            }
            else
            {
                moved.Remove(number);
                cost += _blobs.DeleteAll(number) / BytesPerCost;
                _done.Set(1, number).Execute();
            }

            cost += (swept?.Size ?? 0) / BytesPerCost;
        }

        foreach (var (number, tail) in moved)
        {
            _move.Set(1, number).Set(2, tail).Execute();
        }
    }

    private void LoadTails()
    {
        using (_select.Set(1, MaxLogs).Run())
        {
            while (_select.Step())
            {
                _tails.Enqueue(_select.Number(0), -_select.Number(1));
            }
        }
    }

    private bool ShrinkFile()
    {
        var free = Pages("freelist_count");
        if (free < MinFreePages || free < Pages("page_count") / MinFreePart)
        {
            return false;
        }

        database.Execute($"PRAGMA incremental_vacuum({SlicePages})");
        return true;
    }

    private long Pages(string pragma) => long.Parse(database.Query($"PRAGMA {pragma}") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
}
