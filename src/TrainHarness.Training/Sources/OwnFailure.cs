using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Sources;

/// <summary>What code of the user's own threw, in one line that says where in it.</summary>
internal static class OwnFailure
{
    /// <summary>
    /// <c>file:line: exception: message</c>, by the innermost place that is the user's; for a library without lines, the method.
    /// </summary>
    /// <returns>Null where nothing of the user's was on the way.</returns>
    public static ConfigurationException? Of(OwnSource source, Exception error)
    {
        if (error is OperationCanceledException || SourceCompiler.Loaded(source) is not { } assembly)
            return null;
        var thrown = Thrown(error);
        var place = new StackTrace(thrown, fNeedFileInfo: true)
            .GetFrames()
            .FirstOrDefault(frame => frame.GetMethod()?.Module.Assembly == assembly);
        return place is null
            ? null
            : new ConfigurationException(
                $"{Words(source, place)}: {thrown.GetType().Name}: {thrown.Message.ReplaceLineEndings("\n").Split('\n')[0]}",
                error
            );
    }

    // What reflection wraps, and what a type's initializer does.
    private static Exception Thrown(Exception error) =>
        error is TargetInvocationException or TypeInitializationException && error.InnerException is { } inner ? Thrown(inner) : error;

    private static string Words(OwnSource source, StackFrame place) =>
        place.GetFileName() is { } file && place.GetFileLineNumber() is > 0 and var line
            ? string.Create(CultureInfo.InvariantCulture, $"{file}:{line}")
            : $"{source.File}: {place.GetMethod()!.DeclaringType?.Name}.{place.GetMethod()!.Name}";
}
