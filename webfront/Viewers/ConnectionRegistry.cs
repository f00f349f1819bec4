using System.Collections.Concurrent;

namespace Holdfast.WebFront.Viewers;

/// <summary>The live connections of this front.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<string, ViewerConnection> _connections = new(StringComparer.Ordinal);

    public int Count => _connections.Count;

    public IEnumerable<ViewerConnection> All => _connections.Select(pair => pair.Value);

    public void Add(ViewerConnection connection) => _connections[connection.Attachment.Connection] = connection;

    public void Remove(ViewerConnection connection) => _connections.TryRemove(connection.Attachment.Connection, out _);

    public ViewerConnection? Find(string connection) => _connections.GetValueOrDefault(connection);

    public ViewerConnection? FindSession(string sessionId) => All.FirstOrDefault(connection => connection.SessionId == sessionId);
}
