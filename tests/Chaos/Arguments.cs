using System.Globalization;

namespace Holdfast.Chaos;

/// <summary>A command line of <c>--name value</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads a command line.</summary>
    /// <exception cref="UsageException">An argument is unknown, or has no value.</exception>
    public Arguments(IReadOnlyList<string> arguments, params string[] known)
    {
        for (var n = 0; n < arguments.Count; n++)
        {
            var (name, value) = arguments[n].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[n], n + 1 < arguments.Count ? arguments[++n] : null);
            if (!known.Contains(name))
            {
                throw new UsageException($"'{name}' is unknown; there are {string.Join(", ", known)}.");
            }

            _values[name] = value ?? throw new UsageException($"'{name}' needs a value.");
        }
    }

    /// <summary>A text.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary>A number in a range.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public double Number(string name, double standard, double least, double most)
    {
        if (!_values.TryGetValue(name, out var text))
        {
            return standard;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value : throw new UsageException($"'{name}' is '{text}'; it is a number from {least} to {most}.");
    }
}

/// <summary>The command line can't be obeyed; the message says what would be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);
