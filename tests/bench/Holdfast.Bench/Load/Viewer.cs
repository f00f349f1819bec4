using System.Net.Sockets;

namespace Holdfast.Bench.Load;

/// <summary>One viewer's connection, and what it has seen. Everything is read on the swarm's thread.</summary>
internal sealed class Viewer(int index, string topic)
{
    /// <summary>Its place in the swarm.</summary>
    public int Index { get; } = index;

    /// <summary>What it watches.</summary>
    public string Topic { get; } = topic;

    /// <summary>Its connection.</summary>
    public Socket? Socket { get; set; }

    /// <summary>The connection's descriptor.</summary>
    public int Fd { get; set; } = -1;

    /// <summary>The upgrade was accepted.</summary>
    public bool IsOpen { get; set; }

    /// <summary>The last event that it saw; -1 while it does not know where it begins.</summary>
    public long Last { get; set; } = -1;

    /// <summary>What a cursor begins with: an epoch and a colon, or nothing.</summary>
    public string CursorPrefix { get; set; } = "";

    /// <summary>Its session, where the server has such.</summary>
    public string? Session { get; set; }

    /// <summary>When it was told that history ends; 0 while it was not.</summary>
    public long CaughtUpAt { get; set; }

    /// <summary>When it saw the first event after the mark; 0 while it has not.</summary>
    public long MarkedAt { get; set; }

    /// <summary>The beginning of a frame whose rest has not come yet.</summary>
    public byte[]? Rest { get; set; }
}
