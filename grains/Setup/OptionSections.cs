using System.ComponentModel;
using System.Globalization;
using System.Reflection;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Setup;

/// <summary>
/// Options from the configuration, by the rules that hold for all of them: a name that no option has, a value that can't be read, and one that makes
/// no sense (<see cref="BoundsAttribute"/>, <see cref="ICheckedOptions"/>) end the start, and say which option it is and what to do.
/// </summary>
public static class OptionSections
{
    private const BindingFlags Options = BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase;

    /// <summary>Adds the options of a class that has a <see cref="SectionAttribute"/>. What is wrong is said at the start of the host.</summary>
    public static OptionsBuilder<T> AddSection<T>(this IServiceCollection services)
        where T : class
    {
        services.AddSingleton<IValidateOptions<T>, SectionCheck<T>>();
        return services.AddOptions<T>().Configure<IConfiguration>((options, configuration) => Bind(options, configuration)).ValidateOnStart();
    }

    /// <summary>Reads such options at once.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong with them.</exception>
    public static T Read<T>(IConfiguration configuration)
        where T : class, new()
    {
        var options = new T();
        Bind(options, configuration);
        Check(options);
        return options;
    }

    /// <summary>Judges options, wherever they come from.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong with them.</exception>
    public static void Check(object options) => Throw(options.GetType(), Wrong(options));

    /// <summary>Every value that makes no sense, with the cure.</summary>
    private static IEnumerable<string> Wrong(object options)
    {
        var section = NameOf(options.GetType());
        foreach (var option in options.GetType().GetProperties(Options))
        {
            var value = option.GetValue(options);
            if (option.GetCustomAttribute<BoundsAttribute>()?.Refuse(value) is { } wrong)
            {
                yield return $"{section}:{option.Name} is '{Convert.ToString(value, CultureInfo.InvariantCulture)}'; {wrong}.";
            }
            else if (value is Enum && !Enum.IsDefined(value.GetType(), value))
            {
                yield return $"{section}:{option.Name} is '{value}'; {Form(value.GetType())}.";
            }
        }

        foreach (var (option, cure) in (options as ICheckedOptions)?.Check() ?? [])
        {
            yield return $"{section}:{option} {cure}.";
        }
    }

    private static void Bind(object options, IConfiguration configuration)
    {
        var section = configuration.GetSection(NameOf(options.GetType()));
        Throw(options.GetType(), section.GetChildren().SelectMany(given => Unreadable(options.GetType(), section.Key, given)));
        section.Bind(options);
    }

    /// <summary>What the binder would pass over, or stumble on.</summary>
    private static IEnumerable<string> Unreadable(Type options, string section, IConfigurationSection given)
    {
        if (options.GetProperty(given.Key, Options) is not { } option)
        {
            var near = NearestName.Of(given.Key, options.GetProperties(Options).Select(known => known.Name));
            return [$"There is no option {section}:{given.Key}. {(near is null ? "The README's table of options names the class that has them all." : $"Did you mean {section}:{near}?")}"];
        }

        var type = option.PropertyType;
        if (type.IsGenericType && Nullable.GetUnderlyingType(type) is null)
        {
            return given.Value is { Length: > 0 } ? [$"{given.Path} is '{given.Value}', but has several entries: {Entry(type, given.Path)}."]
                : given.GetChildren().SelectMany(entry => Unreadable(type.GetGenericArguments()[^1], entry));
        }

        return Unreadable(type, given);
    }

    private static IEnumerable<string> Unreadable(Type type, IConfigurationSection given) =>
        given.GetChildren().Any() ? [$"{given.Path} is one value, and has no entries."]
        : given.Value is not { } value || IsReadable(type, value) ? []
        : [$"{given.Path} is '{value}'; {Form(type)}."];

    private static bool IsReadable(Type type, string value)
    {
        try
        {
            // Of a number without colons .NET makes days.
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not TimeSpan || value.Contains(':', StringComparison.Ordinal);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Form(Type type) =>
        type == typeof(TimeSpan) ? "it is a time, like 00:00:05 for five seconds"
        : type == typeof(double) ? "it is a number, like 0.5"
        : type == typeof(bool) ? "it is true or false"
        : type.IsEnum ? "it is one of " + string.Join(", ", Enum.GetNames(type))
        : "it is a whole number, like 8";

    private static string Entry(Type type, string path) =>
        type.GetGenericArguments().Length == 2 ? $"write {path}:name, each with its value" : $"write {path}:0 for the first, {path}:1 for the next";

    private static string NameOf(Type options) =>
        options.GetCustomAttribute<SectionAttribute>()?.Name ?? throw new InvalidOperationException($"{options} has no [Section].");

    private static void Throw(Type options, IEnumerable<string> wrong)
    {
        var all = wrong.ToList();
        if (all.Count > 0)
        {
            throw new OptionsValidationException(NameOf(options), options, all);
        }
    }

    private sealed class SectionCheck<T> : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            Wrong(options).ToList() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
