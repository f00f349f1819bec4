using System.Collections;
using System.Globalization;

namespace Holdfast.Grains.Setup;

/// <summary>The section of the configuration that a class of options is read from.</summary>
/// <param name="name">Its name.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SectionAttribute(string name) : Attribute
{
    /// <summary>Its name.</summary>
    public string Name => name;
}

/// <summary>The smallest and the largest value that an option may have; of a text, so many characters; of a list, each entry. Any other ends the start.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BoundsAttribute : Attribute
{
    /// <summary>The longest time: .NET's timers take twice as much.</summary>
    private const string LongestTime = "24.00:00:00";

    /// <summary>Bounds of a number, or of a text's length.</summary>
    public BoundsAttribute(double least, double most = double.PositiveInfinity) => (Least, Most) = (least, most);

    /// <summary>Bounds of a time, in the form of the configuration: <c>00:00:00.100</c>.</summary>
    public BoundsAttribute(string least, string most = LongestTime) =>
        (Least, Most) = (TimeSpan.Parse(least, CultureInfo.InvariantCulture), TimeSpan.Parse(most, CultureInfo.InvariantCulture));

    /// <summary>The smallest value: a <see cref="double"/> or a <see cref="TimeSpan"/>.</summary>
    public IComparable Least { get; }

    /// <summary>The largest one.</summary>
    public IComparable Most { get; }

    /// <summary>What is wrong with a value; null when nothing is.</summary>
    internal string? Refuse(object? value) => value switch
    {
        string text => text.Trim().Length >= (double)Least ? null : "it can't be empty",
        IDictionary entries => entries.Values.Cast<object>().Select(Refuse).FirstOrDefault(wrong => wrong is not null),
        TimeSpan time => Judge(time),
        IConvertible number => Judge(number.ToDouble(CultureInfo.InvariantCulture)),
        _ => null,
    };

    private string? Judge(IComparable value) =>
        value.CompareTo(Least) >= 0 && value.CompareTo(Most) <= 0 ? null
        : Most is double.PositiveInfinity or TimeSpan { Days: 24 } && value.CompareTo(Least) < 0 ? Text($"it is at least {Least}")
        : Text($"it is from {Least} to {Most}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Options that have to fit together, or that are more than a number or a time.</summary>
public interface ICheckedOptions
{
    /// <summary>What is wrong: option by option, the cure in each.</summary>
    IEnumerable<(string Option, string Cure)> Check();
}
