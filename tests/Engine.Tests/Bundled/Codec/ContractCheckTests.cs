using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Holdfast.Engine.Tests.Codec;

/// <summary>What Orleans refuses is refused here too, with the type, the rule and the cure.</summary>
public class ContractCheckTests
{
    [Theory]
    [InlineData("[GenerateSerializer] public record R([property: Id(0)] int A, int B);", "R.B has no [Id]")]
    [InlineData("[GenerateSerializer] public class C { [Id(0)] public int A; public int B; }", "C.B has no [Id]")]
    [InlineData("[GenerateSerializer] public class C { public int A { get; set; } }", "C.A has no [Id]")]
    [InlineData("[GenerateSerializer] public class C<T> { public T? A { get; set; } }", "C`1[T].A has no [Id]")]
    [InlineData("[GenerateSerializer] public record R([property: Id(1)] int A, [property: Id(1)] int B);", "A and B have the same [Id(1)]")]
    [InlineData("[GenerateSerializer] public class C { [Id(0)] public int A => 1; }", "C.A has an [Id] but no way to be read or set")]
    [InlineData("public class C { [GenerateSerializer] private class D { } }", "C+D is [GenerateSerializer] but nested and not accessible")]
    [InlineData("[GenerateSerializer] file class C { }", "is [GenerateSerializer] but local to its file")]
    [InlineData("[GenerateSerializer] public record R([property: Id(0)] object A);", "member A has the type System.Object, which has no serializer")]
    [InlineData("[GenerateSerializer] public record R([property: Id(0)] System.Collections.Generic.List<System.IO.Stream> A);", "System.IO.Stream, which has no serializer")]
    [InlineData("public enum E { A } [GenerateSerializer] public record R([property: Id(0)] E A);", "has the type E, which has no serializer")]
    [InlineData("[GenerateSerializer, Alias(\"x\")] public class A { } [GenerateSerializer, Alias(\"x\")] public class B { }", "have the same name on the wire, 'x'")]
    [InlineData("public interface I : IGrainWithStringKey { int A(); }", "I.A returns System.Int32")]
    [InlineData("public interface I : IGrainWithStringKey { void A(); }", "I.A returns System.Void")]
    [InlineData("public interface I : IGrainObserver { void A(); }", "I.A returns System.Void")]
    [InlineData("public interface I : IGrainWithStringKey { System.Collections.Generic.IAsyncEnumerable<int> A(); }", "I.A returns")]
    [InlineData("public interface I : IGrainWithStringKey { int A { get; } }", "I.A is no method")]
    [InlineData("public interface I : IGrainWithStringKey { event System.Action A; }", "I.A is no method")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(ref int a); }", "'a' is ref, in or out")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(out int a); }", "'a' is ref, in or out")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(CancellationToken a); }", "'a' is a CancellationToken")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(System.Func<int> a); }", "parameter 'a' has the type System.Func`1[System.Int32], which has no serializer")]
    [InlineData("public interface I : IGrainWithStringKey { Task<System.IO.Stream> A(); }", "answer has the type System.IO.Stream, which has no serializer")]
    [InlineData("public class P { public int X; } [GenerateSerializer] public record R([property: Id(0)] P A); public interface I : IGrainWithStringKey { Task A(R[] a); }", "holds R, which has the type P, which has no serializer")]
    [InlineData("public interface I : IGrainWithStringKey { Task A<T>(T a); }", "I.A is generic")]
    [InlineData("public interface I<T> : IGrainWithStringKey { Task A(T a); }", "is generic")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(); Task A(int a); }", "I.A is overloaded")]
    [InlineData("public interface I : IGrainWithStringKey { [Alias(\"x\")] Task A(); [Alias(\"x\")] Task B(); }", "have the same [Alias] 'x'")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(); } public interface J : I { Task B(); }", "J derives from I, which has members")]
    [InlineData("public interface I : IGrainWithStringKey { Task A() => Task.CompletedTask; }", "I.A is static or has a body")]
    [InlineData("public interface I : IGrain { Task A(); }", "I must derive from IGrainWithStringKey")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(G g); } public class G : Grain, I { public Task A(G g) => Task.CompletedTask; }", "is the grain class G: use its interface")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(); } public class G : Grain, I { private G() { } public Task A() => Task.CompletedTask; }", "G has no public constructor")]
    [InlineData("public interface I : IGrainWithStringKey { Task A(); } [GenerateSerializer] public class G : Grain, I { public Task A() => Task.CompletedTask; }", "G is a grain, so it cannot be [GenerateSerializer]")]
    [InlineData("public interface O : IGrainObserver { [AlwaysInterleave] Task N(); }", "O.N is [AlwaysInterleave], which means nothing on an observer")]
    public void Refuses(string contract, string problem)
    {
        var problems = Problems(contract);

        Assert.Contains(problems, p => p.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[GenerateSerializer] public record R([property: Id(0)] int A) { public int Twice => 2 * A; public static int S = 1; }")]
    [InlineData("[GenerateSerializer] public class C { [NonSerialized] private int _a; [field: NonSerialized] public int B { get; set; } public int A() => _a++; }")]
    [InlineData("[GenerateSerializer] public record R([property: Id(0)] R? Next, [property: Id(1)] System.Collections.Generic.List<R> All);")]
    [InlineData("[GenerateSerializer] public abstract record A([property: Id(0)] int X); [GenerateSerializer] public record B(int X, [property: Id(0)] int Y) : A(X);")]
    [InlineData("[GenerateSerializer] public class C<T> { [Id(0)] public T? A { get; set; } } public interface I : IGrainWithStringKey { Task<C<int>> A(); }")]
    [InlineData("public interface O : IGrainObserver { Task N(System.Exception e); } public interface I : IGrainWithStringKey { ValueTask<int> A(O o, (int, string) t); ValueTask B(I? i); }")]
    public void Accepts(string contract) => Assert.Empty(Problems(contract));

    [Theory]
    [InlineData("[GrainType(\"x\")] public class G : Grain, I { } [GrainType(\"x\")] public class H : Grain, J { } public interface I : IGrainWithStringKey { } public interface J : IGrainWithStringKey { }", "have the same grain type 'x'")]
    [InlineData("[Alias(\"x\")] public interface I : IGrainWithStringKey { } [Alias(\"x\")] public interface J : IGrainWithStringKey { }", "have the same name on the wire, 'x'")]
    [InlineData("public interface I : IGrainWithStringKey { } public class G : Grain, I { public G(int a) { } private G() { } } [GrainType(\"g\")] public class H : Grain, I { public H([PersistentState(\"s\")] string s) { } }", "must be an IPersistentState<T>")]
    public void A_silo_refuses_to_start_with(string contract, string problem)
    {
        var options = new Orleans.Configuration.GrainTypeOptions();
        // Collectible ones are found only when they are named: no other silo stumbles over them.
        foreach (var type in Load(contract, new AssemblyLoadContext("refused", isCollectible: true)))
        {
            (type.IsInterface ? options.Interfaces : options.Classes).Add(type);
        }

        Assert.Contains(problem, Assert.Throws<OrleansConfigurationException>(() => Manifest.Discover(options)).Message, StringComparison.Ordinal);
    }

    private static readonly List<PortableExecutableReference> s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p))];

    private static List<string> Problems(string contract)
    {
        var context = new AssemblyLoadContext("contract", isCollectible: true);
        try
        {
            var types = Load(contract, context);
            return [.. ContractCheck.Examine(types), .. ContractCheck.DuplicateNames(types)];
        }
        finally
        {
            context.Unload();
        }
    }

    private static List<Type> Load(string contract, AssemblyLoadContext context)
    {
        var source = "#nullable enable\nusing System; using System.Threading; using System.Threading.Tasks; using Orleans; using Orleans.Runtime; using Orleans.Concurrency;\n" + contract;
        var compilation = CSharpCompilation.Create(
            "Contract" + Guid.NewGuid().ToString("N"), [CSharpSyntaxTree.ParseText(source)], s_references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        image.Position = 0;
        return [.. context.LoadFromStream(image).GetTypes().Where(t => !t.Name.Contains("Attribute", StringComparison.Ordinal) && IsContract(t))];
    }

    private static bool IsContract(Type type) =>
        type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) || (type.IsAssignableTo(typeof(IAddressable)) && (type.IsInterface || type.IsAssignableTo(typeof(Grain))));
}
