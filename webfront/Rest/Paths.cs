namespace Holdfast.WebFront.Rest;

/// <summary>Paths that answers name.</summary>
internal static class Paths
{
    public const string Root = "/api/v1";

    public static string Task(string id) => Root + "/tasks/" + id;

    public static string Events(string id) => Task(id) + "/events";
}
