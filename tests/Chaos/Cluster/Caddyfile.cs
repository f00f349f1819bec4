namespace Holdfast.Chaos.Cluster;

/// <summary>The proxy's configuration: no sticky sessions. (From 2.7 on, Caddy can keep sockets open over a reload; the fronts do not need it.)</summary>
internal static class Caddyfile
{
    /// <summary>Its text.</summary>
    /// <param name="port">Where viewers come in.</param>
    /// <param name="admin">Where a reload is asked for.</param>
    /// <param name="fronts">The web fronts.</param>
    public static string Text(int port, int admin, IEnumerable<Uri> fronts) => $$"""
        {
            admin 127.0.0.1:{{admin}}
            auto_https off
        }
        http://:{{port}} {
            bind 127.0.0.1
            reverse_proxy {{string.Join(' ', fronts.Select(front => front.Authority))}} {
                lb_policy random
                lb_try_duration 5s
                lb_try_interval 100ms
                fail_duration 2s
                health_uri /readyz
                health_interval 1s
                health_timeout 2s
                flush_interval -1
            }
        }

        """;
}
