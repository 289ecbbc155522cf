using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>A library of somebody's own, compiled as an SDK would compile it.</summary>
internal static class CompiledLibrary
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq;";

    public static void Write(string source, string library)
    {
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(library),
            [
                CSharpSyntaxTree.ParseText(SourceText.From(File.ReadAllText(source), Encoding.UTF8), path: source),
                CSharpSyntaxTree.ParseText(Usings),
            ],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
        );
        var result = compilation.Emit(library);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
