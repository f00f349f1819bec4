using System.Net;
using System.Text.RegularExpressions;

using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>The reference that people read beside the protocol's page.</summary>
public sealed class Section3_Rest_Reference
{
    [Fact]
    public async Task Docs_IsAPage_ThatNeedsNothingFromElsewhere()
    {
        await using var host = await EmbeddedFront.StartAsync();
        var page = (await host.Api.GetAsync("/docs/")).Is(HttpStatusCode.OK).Text;
        Assert.Contains("openapi/v1.json", page, StringComparison.Ordinal);
        var scripts = Regex.Matches(page, "<script[^>]* src=\"(?<path>[^\"]+)\"", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture).Select(match => match.Groups["path"].Value).ToList();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            Assert.False(Uri.TryCreate(script, UriKind.Absolute, out var elsewhere) && elsewhere.Scheme.StartsWith("http", StringComparison.Ordinal), $"{script} comes from elsewhere.");
            (await host.Api.GetAsync(new Uri(new Uri(host.Address, "/docs/"), script).PathAndQuery)).Is(HttpStatusCode.OK);
        }
    }
}
