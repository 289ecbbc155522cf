using System.Reflection;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Sources;

/// <summary>The class that code of the user's own is about, and what it takes to make one.</summary>
internal static class OwnClass
{
    /// <summary>The class that is named; else the one that is named as the file is; else the only public one that fits.</summary>
    /// <param name="kind">What it must be derived from.</param>
    /// <param name="argument">What its constructor must take, and nothing else that is not optional; null for nothing.</param>
    /// <param name="takes">The same for people.</param>
    /// <exception cref="ConfigurationException">There is none, or it is not clear which one is meant.</exception>
    public static ConstructorInfo Find(OwnSource source, Type kind, Type? argument, string takes)
    {
        var fitting = Fitting(source, kind, argument);
        var named = fitting
            .Where(one =>
                one.Type.Name == source.Name && (source.Type is null || source.Type == one.Type.Name || source.Type == one.Type.FullName)
            )
            .ToList();
        if (named is [var only])
            return only.Constructor;
        var open = fitting.Where(one => one.Type.IsPublic).ToList();
        if (source.Type is null && open is [var single])
            return single.Constructor;
        var wanted = $"class derived from {Words(kind)} with a public constructor that takes {takes}";
        var name = Path.GetFileName(source.File);
        throw new ConfigurationException(
            open.Count > 0
                ? $"{source.File}: which class? allowed: {string.Join(", ", open.Select(one => $"{name}#{one.Type.Name}"))}, "
                    + $"or one that is named {source.Name}."
                : $"{source.File}: {(source.Type is { } type ? $"'{type}' is no" : "holds no")} {wanted}."
        );
    }

    /// <summary>Whether it holds such a class.</summary>
    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static bool Holds(OwnSource source, Type kind, Type? argument) => Fitting(source, kind, argument).Count > 0;

    /// <summary>When and where a class says that it was published; the first day of all, and no words, where it does not.</summary>
    /// <exception cref="ConfigurationException">The date is none.</exception>
    public static (DateOnly Date, string Paper) Published(OwnSource source, Type type)
    {
        try
        {
            return type.GetCustomAttribute<PublishedAttribute>() is { } published ? (published.Date, published.Paper) : (default, "");
        }
        catch (FormatException error)
        {
            throw new ConfigurationException(
                $"{source.File}: the date in [Published(…)] of {type.Name} is none; allowed: 2024-03-29.",
                error
            );
        }
    }

    /// <exception cref="ConfigurationException">The constructor throws.</exception>
    public static object Make(OwnSource source, ConstructorInfo constructor, object? argument)
    {
        try
        {
            return constructor.Invoke([
                .. argument is null ? (object[])[] : [argument],
                .. constructor.GetParameters().Skip(argument is null ? 0 : 1).Select(parameter => parameter.DefaultValue),
            ]);
        }
        catch (TargetInvocationException error)
        {
            // Without a place of its own it throws out of something that it is derived from.
            var inner = error.InnerException!;
            throw OwnFailure.Of(source, error)
                ?? new ConfigurationException(
                    $"{source.File}: the constructor of {constructor.DeclaringType!.Name} throws {inner.GetType().Name}: "
                        + $"{inner.Message.Split('\n')[0]}",
                    error
                );
        }
    }

    private static List<(Type Type, ConstructorInfo Constructor)> Fitting(OwnSource source, Type kind, Type? argument) =>
        [
            .. Types(source)
                .Where(type => type is { IsAbstract: false, ContainsGenericParameters: false } && kind.IsAssignableFrom(type))
                .SelectMany(type =>
                    type.GetConstructors()
                        .Where(constructor => Takes(constructor, argument))
                        .Take(1)
                        .Select(constructor => (type, constructor))
                ),
        ];

    private static Type[] Types(OwnSource source)
    {
        try
        {
            return SourceCompiler.Load(source).GetTypes();
        }
        catch (ReflectionTypeLoadException error)
        {
            throw new ConfigurationException(
                $"{source.File}: needs what does not lie beside it ({error.LoaderExceptions[0]!.Message.ReplaceLineEndings(" ")})",
                error
            );
        }
    }

    private static bool Takes(ConstructorInfo constructor, Type? argument)
    {
        var parameters = constructor.GetParameters();
        return (argument is null || parameters.FirstOrDefault()?.ParameterType == argument)
            && parameters.Skip(argument is null ? 0 : 1).All(parameter => parameter.HasDefaultValue);
    }

    private static string Words(Type type) =>
        type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(argument => argument.Name))}>"
            : type.Name;
}
