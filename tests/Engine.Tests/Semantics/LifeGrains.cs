namespace Holdfast.Engine.Tests.Semantics;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<Guid> ActivationAsync();
}

/// <summary>Collected after two idle seconds in test clusters.</summary>
[GrainType("test.life")]
public sealed class LifeGrain : Grain, ILifeGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public Task<Guid> ActivationAsync() => Task.FromResult(_activation);
}
