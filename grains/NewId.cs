using System.Buffers.Text;
using System.Security.Cryptography;

namespace Holdfast.Grains;

/// <summary>Draws ids that nobody can guess: a letter that says what it is, and 128 random bits.</summary>
public static class NewId
{
    /// <summary>A task.</summary>
    public static string Task() => "t_" + Draw();

    /// <summary>A viewer's session.</summary>
    public static string Session() => "s_" + Draw();

    /// <summary>One connection of a session.</summary>
    public static string Connection() => "c_" + Draw();

    /// <summary>A review.</summary>
    public static string Review() => "r_" + Draw();

    /// <summary>A worker's lease.</summary>
    public static string Lease() => "l_" + Draw();

    /// <summary>A web front.</summary>
    public static string Front() => "f_" + Draw();

    /// <summary>A process of the cluster.</summary>
    public static string Node() => "n_" + Draw();

    private static string Draw()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
