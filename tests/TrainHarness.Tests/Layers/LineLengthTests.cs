using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TrainHarness.Tests.Layers;

/// <summary>CSharpier breaks code; what it leaves whole (comments, literals) is kept to the same width here.</summary>
public sealed class LineLengthTests
{
    private const int Columns = 140;

    [Fact]
    public void No_line_of_code_or_comment_is_longer_than_140_columns()
    {
        string[] folders = ["src", "tests", "docs/examples"];
        var files = folders.SelectMany(folder =>
            Directory.EnumerateFiles(Path.Combine(Repository.Folder, folder), "*.cs", SearchOption.AllDirectories)
        );
        List<string> tooLong =
        [
            .. files
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
                .SelectMany(file =>
                    TooLong(File.ReadAllText(file)).Select(line => $"{Path.GetRelativePath(Repository.Folder, file)}:{line}")
                ),
        ];
        Assert.True(tooLong.Count == 0, $"Break these lines, they have more than {Columns} columns:\n{string.Join('\n', tooLong)}");
    }

    [Fact]
    public void Only_data_in_literals_may_be_wider()
    {
        var wide = new string('a', Columns);
        Assert.Equal([1], TooLong($"// {wide}"));
        Assert.Equal([1], TooLong($"var x = F(\"{wide}\");"));
        Assert.Empty(TooLong($"var x = F(\n    \"{wide}\",\n    2);"));
        Assert.Empty(TooLong($"var x = \"\"\"\n    {wide}\n    \"\"\";"));
    }

    // A line inside a raw literal, one that is a literal and nothing else, and the name of a member in a docstring cannot be broken.
    private static List<int> TooLong(string text)
    {
        if (!text.Split('\n').Any(line => line.Length > Columns))
            return [];
        var root = CSharpSyntaxTree.ParseText(text, cancellationToken: TestContext.Current.CancellationToken).GetRoot();
        var lines = root.SyntaxTree.GetText().Lines;
        return
        [
            .. lines
                .Where(line => line.Span.Length > Columns && !IsData(root.FindToken(line.Start + Columns), line.ToString().Trim()))
                .Select(line => line.LineNumber + 1),
        ];
    }

    private static bool IsData(SyntaxToken token, string line) =>
        line.StartsWith("/// <inheritdoc cref", StringComparison.Ordinal)
        || token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)
        || token.Parent is { } parent
            && parent.AncestorsAndSelf().Any(node => node.GetFirstToken().IsKind(SyntaxKind.InterpolatedMultiLineRawStringStartToken))
        || line.TrimEnd(',', ')', ';') is ['"' or '$', .., '"'];
}
