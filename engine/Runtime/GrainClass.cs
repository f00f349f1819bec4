using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>A grain class: what it implements, and how its objects are made.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _factory;
    private readonly List<Func<Activation, object>> _arguments = [];
    private readonly bool _needsServices;

    public GrainClass(Type type)
    {
        Type = type;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(null!, type) ?? GrainType.Create(Conventional(type.Name));
        Interfaces = [.. type.GetInterfaces().Where(i => i != typeof(IGrain) && i != typeof(IGrainWithStringKey) && i.IsAssignableTo(typeof(IGrain)))];
        var constructors = type.GetConstructors();
        var constructor = Array.Find(constructors, c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? constructors.MaxBy(c => c.GetParameters().Length)
            ?? throw new OrleansConfigurationException($"{type} has no public constructor.");
        var given = new List<Type>();
        foreach (var parameter in constructor.GetParameters())
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } attribute)
            {
                given.Add(parameter.ParameterType);
                _arguments.Add(StateFacets.MakerFor(parameter, attribute));
            }
            else if (parameter.ParameterType == typeof(IGrainContext))
            {
                given.Add(typeof(IGrainContext));
                _arguments.Add(static activation => activation);
            }
            else
            {
                _needsServices = true;
            }
        }

        _factory = ActivatorUtilities.CreateFactory(type, [.. given]);
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public Type[] Interfaces { get; }

    public object Create(Activation activation)
    {
        var arguments = _arguments.Count == 0 ? null : new object[_arguments.Count];
        for (var i = 0; i < _arguments.Count; i++)
        {
            arguments![i] = _arguments[i](activation);
        }

        return _factory(_needsServices ? activation.ActivationServices : activation.Silo.Services, arguments);
    }

    // What Orleans calls a class that does not name itself.
    private static string Conventional(string name) =>
        (name.EndsWith("Grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name).ToLowerInvariant();
}
