using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TrainHarness.Tests.Layers;

/// <summary>One name of a type that a file uses from another folder.</summary>
/// <param name="Folder">Namespace below the project's; empty for its root.</param>
internal sealed record SourceReference(string File, string Project, string Folder, string Used, string UsedProject, string UsedFolder);

/// <summary>Which file uses types of which folder, read from the syntax of the sources alone.</summary>
internal sealed class SourceMap
{
    private static readonly string[] ProjectNames = ["TrainHarness.Training", "TrainHarness.Cli", "TrainHarness.GpuCheck", "TrainHarness"];

    private readonly List<(string File, string Space, CompilationUnitSyntax Root)> files = [];
    private readonly ILookup<string, string> spacesOfType;

    private SourceMap(IEnumerable<(string File, string Text)> texts)
    {
        foreach (var (file, text) in texts)
        {
            var root = CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot(TestContext.Current.CancellationToken);
            var space = root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? "";
            files.Add((file, space, root));
        }

        spacesOfType = files
            .SelectMany(file => Declared(file.Root).Select(name => (name, file.Space)))
            .Distinct()
            .ToLookup(pair => pair.name, pair => pair.Space);
        // A program of top-level statements has no namespace; it is on top of all.
        References = [.. files.Where(file => file.Space.Length > 0).SelectMany(Uses)];
    }

    public IReadOnlyList<SourceReference> References { get; }

    public static SourceMap Of(string sources) =>
        OfTexts(
            Directory
                .EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(file => (Path.GetRelativePath(sources, file), File.ReadAllText(file)))
        );

    public static SourceMap OfTexts(IEnumerable<(string File, string Text)> texts) => new(texts);

    /// <summary>The folders of a project that hold files.</summary>
    public IEnumerable<string> Folders(string project) =>
        files.Where(file => file.Space.Length > 0 && ProjectOf(file.Space) == project).Select(file => FolderOf(file.Space)).Distinct();

    private IEnumerable<SourceReference> Uses((string File, string Space, CompilationUnitSyntax Root) file)
    {
        string[] seen = [.. file.Root.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(use => use.Name?.ToString() ?? "")];
        var used = file
            .Root.DescendantNodes()
            .OfType<SimpleNameSyntax>()
            .Where(name => !name.Ancestors().OfType<UsingDirectiveSyntax>().Any())
            .Select(name => name.Identifier.ValueText)
            .Distinct();
        foreach (var name in used)
        {
            string[] spaces = [.. spacesOfType[name].Where(space => seen.Contains(space) || IsAbove(space, file.Space))];
            // The nearest namespace wins, as in C#; a type of the file's own namespace is no reference.
            if (spaces.Length == 0 || spaces.Contains(file.Space))
                continue;
            string space = spaces.MaxBy(space => space.Length)!;
            yield return new SourceReference(
                file.File,
                ProjectOf(file.Space),
                FolderOf(file.Space),
                name,
                ProjectOf(space),
                FolderOf(space)
            );
        }
    }

    private static bool IsAbove(string space, string below) => below.StartsWith(space + ".", StringComparison.Ordinal);

    private static IEnumerable<string> Declared(CompilationUnitSyntax root) =>
        root.DescendantNodes()
            .Where(node => node.Parent is BaseNamespaceDeclarationSyntax)
            .Select(node =>
                node switch
                {
                    BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
                    DelegateDeclarationSyntax type => type.Identifier.ValueText,
                    _ => "",
                }
            )
            .Where(name => name.Length > 0);

    private static string ProjectOf(string space) => ProjectNames.First(project => space == project || IsAbove(project, space));

    private static string FolderOf(string space) => space[ProjectOf(space).Length..].TrimStart('.');
}
