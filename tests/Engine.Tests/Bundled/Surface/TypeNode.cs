using System.Text;

namespace Holdfast.Engine.Tests.Surface;

/// <summary>A type as a signature spells it, before nullability is known.</summary>
internal sealed record TypeNode(string Name, bool IsValue, TypeNode[] Arguments, string Suffix = "")
{
    public static TypeNode Primitive(string name, bool isValue) => new(name, isValue, []);

    /// <summary>The type as C# would write it, with one flag taken from <paramref name="flags"/> for each place that has one.</summary>
    public string Show(NullableFlags flags)
    {
        var text = new StringBuilder();
        Append(text, flags);
        return text.ToString();
    }

    private void Append(StringBuilder text, NullableFlags flags)
    {
        if (Suffix == "&")
        {
            text.Append("ref ");
            Arguments[0].Append(text, flags);
            return;
        }

        // A generic value type carries a flag that never says anything; a plain one carries none.
        var flag = !IsValue || Arguments.Length > 0 ? flags.Next() : (byte)0;
        if (Suffix == "[]")
        {
            Arguments[0].Append(text, flags);
            text.Append("[]");
        }
        else
        {
            text.Append(Name);
            if (Arguments.Length > 0)
            {
                text.Append('<');
                for (var i = 0; i < Arguments.Length; i++)
                {
                    if (i > 0)
                    {
                        text.Append(", ");
                    }

                    Arguments[i].Append(text, flags);
                }

                text.Append('>');
            }
        }

        if (!IsValue)
        {
            text.Append(flag switch { 1 => "", 2 => "?", _ => "~" });
        }
    }
}

/// <summary>The nullability bytes of one signature position, in the order in which the compiler wrote them.</summary>
internal sealed class NullableFlags(byte[] flags, byte fallback)
{
    private int _next;

    public byte Next() => flags.Length switch
    {
        0 => fallback,
        1 => flags[0],
        _ => _next < flags.Length ? flags[_next++] : fallback,
    };
}
