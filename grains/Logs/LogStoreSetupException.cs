namespace Holdfast.Grains.Logs;

/// <summary>A log store can't be opened as it is set up. The message says what to change.</summary>
public sealed class LogStoreSetupException(string message, Exception? inner = null) : Exception(message, inner);
