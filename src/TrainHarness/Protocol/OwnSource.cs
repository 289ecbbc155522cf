using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// Code of the user's own for an architecture or an optimizer: a C# file, or a compiled library, that a study file or the command line
/// names.
/// </summary>
/// <param name="Name">As entries name it: that of the type where one is named, else that of the file.</param>
/// <param name="File">Where it lies; null where only its checksum is known, as in a results folder, which names no code.</param>
/// <param name="Type">The class, where the file holds several that could be meant.</param>
/// <param name="Sha256">Of the file's bytes, in lower-case hexadecimal digits.</param>
public sealed partial record OwnSource(string Name, string? File, string? Type, string Sha256)
{
    private const long LargestBytes = 64 << 20;
    private const string Source = ".cs";
    private const string Library = ".dll";

    /// <summary>The name of the resolved study of a results folder, which names no code.</summary>
    private const string Resolved = "study.yaml";

    /// <summary>Whether it is compiled here.</summary>
    public bool IsSource => File?.EndsWith(Source, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Whether what stands for an architecture is the place of a file, and no name.</summary>
    public static bool IsPlace(string text) =>
        text.AsSpan().ContainsAny('/', '\\', '#')
        || text.EndsWith(Source, StringComparison.OrdinalIgnoreCase)
        || text.EndsWith(Library, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file is taken for the study of a results folder, by its name, however a file system writes it.</summary>
    public static bool IsOfResults(string file) => Path.GetFileName(file).Equals(Resolved, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the file, and runs nothing.</summary>
    /// <param name="place"><c>./StarNet.cs</c>, <c>./StarNet.cs#StarNetS1</c> or <c>./My.dll#Type</c>.</param>
    /// <param name="folder">What it is relative to.</param>
    /// <exception cref="ConfigurationException">There is no such file, or its name cannot name an architecture.</exception>
    public static OwnSource Read(string place, string folder)
    {
        var (path, type) = place.Split('#', 2) is [var before, var after] ? (before, after) : (place, null);
        var file = Path.GetFullPath(path, folder);
        if (
            !Path.GetExtension(file).Equals(Source, StringComparison.OrdinalIgnoreCase)
            && !Path.GetExtension(file).Equals(Library, StringComparison.OrdinalIgnoreCase)
        )
            throw new ConfigurationException($"'{place}' is no file of code; allowed: FILE.cs, FILE.cs#TYPE or FILE.dll#TYPE.");
        var name = type?.Split('.', '+')[^1] ?? Path.GetFileNameWithoutExtension(file);
        if (!Names().IsMatch(name))
            throw new ConfigurationException(
                $"'{name}' cannot name code of your own; allowed: up to 100 letters, digits and '_', the first a letter: name the file "
                    + $"so, or a type of it by FILE#TYPE."
            );
        var bytes = PlainFile.Read(file, LargestBytes) ?? throw new ConfigurationException($"{file}: no such file.");
        return new OwnSource(name, file, type, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>Its text, which is the one with this checksum.</summary>
    /// <exception cref="ConfigurationException">The file is gone, or holds something else by now.</exception>
    public byte[] Bytes()
    {
        var file = File
            ?? throw new ConfigurationException(
                $"'{Name}' is code of somebody's own, and only its checksum is known here ({Sha256[..12]}…); allowed: a "
                    + $"study file that names its source."
            );
        var bytes = PlainFile.Read(file, LargestBytes) ?? throw new ConfigurationException($"{file}: no such file.");
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == Sha256
            ? bytes
            : throw new ConfigurationException($"{file}: was changed while this program ran; run the command again.");
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,99}\z")]
    internal static partial Regex Names();

    [GeneratedRegex("^[0-9a-f]{64}\\z")]
    internal static partial Regex Checksums();
}
