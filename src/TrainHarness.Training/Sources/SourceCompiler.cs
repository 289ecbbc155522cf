using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Sources;

/// <summary>
/// Makes code of the user's own runnable: a C# file is compiled in memory, against this program and all that it runs on; a library is
/// loaded.
/// </summary>
/// <remarks>
/// The compiler (Roslyn) comes with the program, so no SDK is needed. What is compiled runs with the rights of this process.
/// </remarks>
internal static class SourceCompiler
{
    // As the SDK has them, so that a file that compiles in a project compiles here.
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq;";

    private static readonly Dictionary<OwnSource, Assembly> Libraries = [];

    /// <summary>Each once in a process.</summary>
    /// <exception cref="ConfigurationException">
    /// It does not compile (file, line and column of the first error), or is no library of .NET.
    /// </exception>
    public static Assembly Load(OwnSource source)
    {
        lock (Libraries)
        {
            if (!Libraries.TryGetValue(source, out var assembly))
                Libraries[source] = assembly = source.IsSource ? Compile(source) : LoadLibrary(source);
            return assembly;
        }
    }

    /// <summary>What was made of it before; null where nothing was.</summary>
    public static Assembly? Loaded(OwnSource source)
    {
        lock (Libraries)
            return Libraries.GetValueOrDefault(source);
    }

    private static Assembly LoadLibrary(OwnSource source)
    {
        // Whether it is still what was named.
        _ = source.Bytes();
        try
        {
            return Assembly.LoadFrom(source.File!);
        }
        catch (Exception error) when (error is BadImageFormatException or FileLoadException)
        {
            throw new ConfigurationException(
                $"{source.File}: no library of .NET that can be loaded ({error.Message.ReplaceLineEndings(" ")})",
                error
            );
        }
    }

    private static Assembly Compile(OwnSource source)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var bytes = source.Bytes();
        var text = SourceText.From(bytes, bytes.Length, Encoding.UTF8);
        var compilation = CSharpCompilation.Create(
            $"{source.Name}-{source.Sha256[..16]}",
            [
                CSharpSyntaxTree.ParseText(text, options, source.File!),
                CSharpSyntaxTree.ParseText(SourceText.From(Usings, Encoding.UTF8), options),
            ],
            References(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                // Only so are the lines of exceptions right; what costs time is in libtorch.
                optimizationLevel: OptimizationLevel.Debug,
                nullableContextOptions: NullableContextOptions.Annotations
            )
        );
        using var image = new MemoryStream();
        // With its lines, so that an exception can say where it came from.
        using var lines = new MemoryStream();
        var result = compilation.Emit(image, lines, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        return result.Success ? Assembly.Load(image.ToArray(), lines.ToArray()) : throw Refusal(source, result);
    }

    private static ConfigurationException Refusal(OwnSource source, EmitResult result)
    {
        var errors = result
            .Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)
            .ToList();
        var place = errors[0].Location.GetMappedLineSpan().StartLinePosition;
        var more = errors.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({errors.Count - 1} more)") : "";
        return ConfigurationException.At(
            source.File!,
            place.Line + 1,
            place.Character + 1,
            $"{errors[0].Id}: {errors[0].GetMessage(CultureInfo.InvariantCulture).ReplaceLineEndings(" ")}{more}"
        );
    }

    // All that the program was started with, the runtime's own libraries included.
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(file => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && File.Exists(file))
            .Select(file => MetadataReference.CreateFromFile(file));
}
