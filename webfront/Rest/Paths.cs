namespace Holdfast.WebFront.Rest;

/// <summary>Paths that answers name.</summary>
internal static class Paths
{
    public const string Root = "/api/v1";

    public static string Task(string id) => Root + "/tasks/" + id;

    /// <summary>A task's path as a client of this request has it, with whatever the app that Holdfast is part of puts before it.</summary>
    public static string Task(HttpRequest request, string id) => request.PathBase + Task(id);

    /// <summary>What was asked for, likewise.</summary>
    public static string Asked(HttpRequest request) => request.PathBase + request.Path;

    public static string Events(string id) => Task(id) + "/events";
}
