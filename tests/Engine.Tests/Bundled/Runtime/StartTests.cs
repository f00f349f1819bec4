using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Holdfast.Engine.Tests.Runtime;

/// <summary>Semantic 7: what cannot be hosted stops the silo at its start.</summary>
public class StartTests
{
    [Fact]
    public async Task S7_a_signature_with_an_unserialisable_type_stops_the_silo_at_its_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => silo.UseLocalhostClustering().Configure<GrainTypeOptions>(o => o.Interfaces.Add(InterfaceWith(typeof(Stream)))));
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync());

        Assert.Contains("System.IO.Stream, which has no serializer", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "ResponseTimeout")]
    [InlineData(-1, "ResponseTimeout")]
    public async Task A_wrong_option_stops_the_silo_at_its_start_and_is_named(int seconds, string option)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => silo.UseLocalhostClustering().Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(seconds)));
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync());

        Assert.Contains(option, refusal.Message, StringComparison.Ordinal);
    }

    // Made at run time: lying about in this assembly it would stop every other silo too.
    private static TypeInfo InterfaceWith(Type parameter)
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Bad"), AssemblyBuilderAccess.RunAndCollect).DefineDynamicModule("Bad");
        var type = module.DefineType("IBadGrain", TypeAttributes.Interface | TypeAttributes.Abstract | TypeAttributes.Public, null, [typeof(IGrainWithStringKey)]);
        type.DefineMethod("TakeAsync", MethodAttributes.Public | MethodAttributes.Abstract | MethodAttributes.Virtual, typeof(Task), [parameter]);
        return type.CreateTypeInfo();
    }
}
