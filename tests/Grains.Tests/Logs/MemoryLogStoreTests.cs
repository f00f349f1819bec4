using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tests.Logs.Contract;

namespace Holdfast.Grains.Tests.Logs;

public sealed class MemoryLogStoreTests : LogStoreContract
{
    protected override ValueTask<ILogStore> OpenStoreAsync() => new(new MemoryLogStore());
}
