using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>Keeps what a host logs, by default at warning or above, so that a test can say that nothing went wrong unheard.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    /// <summary>Faults: what an operator would have to look at.</summary>
    public IReadOnlyList<string> Errors => [.. _entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text)];

    /// <summary>Warnings, in order.</summary>
    public IReadOnlyList<string> Warnings => [.. _entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Text)];

    /// <summary>At which levels something was said, in order.</summary>
    /// <param name="ids">The events' numbers.</param>
    public IReadOnlyList<LogLevel> Levels(params int[] ids) => [.. _entries.Where(entry => ids.Contains(entry.Id)).Select(entry => entry.Level)];

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log._entries.Enqueue((logLevel, eventId.Id, $"{category}[{eventId.Id}] {formatter(state, exception)} {exception}"));
            }
        }
    }
}
