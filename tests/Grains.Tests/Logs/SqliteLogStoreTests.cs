using Holdfast.Grains.Logs;
using Holdfast.Grains.Tests.Logs.Contract;
using Holdfast.TestSupport;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Logs;

public sealed class SqliteLogStoreTests : LogStoreContract
{
    private readonly TempFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override ValueTask<ILogStore> OpenStoreAsync() =>
        new(SqliteLogStore.Open(new SqliteLogOptions { Folder = _folder.Path }, TimeProvider.System, NullLogger<SqliteLogStore>.Instance));
}
