namespace Holdfast.CrashWriter;

/// <summary>Lines to the process that listens, each out at once.</summary>
internal static class Say
{
    private static readonly Lock Gate = new();
    private static readonly Stream Out = Console.OpenStandardOutput();

    public static void Line(string text)
    {
        lock (Gate)
        {
            Out.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
        }
    }
}
