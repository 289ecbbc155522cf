using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TrainHarness.Files;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>A folder that holds libtorch.</summary>
/// <param name="Path">Full path.</param>
/// <param name="IsForeign">Whether the user named it, so that nothing in it was built together with this program.</param>
internal sealed record LibtorchFolder(string Path, bool IsForeign)
{
    public const string Variable = "TRAINHARNESS_LIBTORCH";

    // In this order each finds the ones before it by name, wherever they were loaded from. The CUDA ones exist only in a CUDA build.
    private static readonly (string Name, bool Required)[] Libraries =
    [
        ("c10", true),
        ("torch_cpu", true),
        ("c10_cuda", false),
        ("torch_cuda", false),
        ("torch", true),
    ];

    /// <summary>The folder to load from: the one that the user named, otherwise the program's own.</summary>
    /// <exception cref="TorchLoadException">
    /// The named folder lacks something, or nothing is named and the program brought no libtorch.
    /// </exception>
    public static LibtorchFolder Find(string? named, IEnumerable<string> applicationFolders) =>
        string.IsNullOrEmpty(named) ? OfApplication(applicationFolders) : Named(named, applicationFolders);

    /// <summary>
    /// Where a build puts native files: beside the program, per platform below it, or where the host says it unpacked them.
    /// </summary>
    public static IReadOnlyList<string> ApplicationFolders()
    {
        var told = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return
        [
            AppContext.BaseDirectory,
            System.IO.Path.Combine(AppContext.BaseDirectory, "runtimes", Platform(), "native"),
            .. told.Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
    }

    /// <summary><c>libc10.so</c> for <c>c10</c> on Linux, <c>c10.dll</c> on Windows.</summary>
    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{library}.dylib"
        : $"lib{library}.so";

    /// <summary>Loads every library of the folder into the process.</summary>
    /// <returns>The handles by name, without prefix and extension.</returns>
    /// <exception cref="TorchLoadException">One of them does not load.</exception>
    public Dictionary<string, nint> LoadAll()
    {
        var handles = new Dictionary<string, nint>(StringComparer.Ordinal);
        foreach (var (name, _) in Libraries)
        {
            var file = System.IO.Path.Combine(Path, FileName(name));
            if (File.Exists(file))
                handles[name] = Load(file);
        }

        return handles;
    }

    /// <summary>
    /// A folder from where a library finds this libtorch beside itself (TorchSharp's looks there), for a distribution's libtorch that calls
    /// itself <c>libtorch.so.2.14</c> and so is not known by the name that the library asks for.
    /// </summary>
    /// <param name="root">Where such folders may be made.</param>
    /// <returns><paramref name="root"/> itself where this libtorch came with the program.</returns>
    /// <exception cref="TorchLoadException">The folder or a link cannot be made.</exception>
    public string LinkedFrom(string root)
    {
        if (!IsForeign)
            return root;
        var folder = System.IO.Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..16]);
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in Libraries.Where(library => library.Required).Select(library => FileName(library.Name)))
                Link(System.IO.Path.Combine(folder, file), System.IO.Path.Combine(Path, file));
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TorchLoadException(
                $"{Variable}: no link to {Path} can be made: {exception.Message} {CacheFolder.Variable} names another folder.",
                exception
            );
        }
    }

    /// <summary>
    /// What a Python installation says beside the folder (<c>torch/version.py</c>), such as <c>2.11.0+cu130</c>; null where none says so.
    /// </summary>
    public string? PythonVersion()
    {
        var file = System.IO.Path.Combine(Path, "..", "version.py");
        if (!File.Exists(file))
            return null;
        const string Start = "__version__ = '";
        return File.ReadLines(file)
            .FirstOrDefault(line => line.StartsWith(Start, StringComparison.Ordinal))
            ?[Start.Length..].TrimEnd('\'', ' ');
    }

    /// <exception cref="TorchLoadException">The file does not load; the message ends with the loader's reason.</exception>
    public static nint Load(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchLoadException($"{file} does not load: {Reason(exception)}", exception);
        }
    }

    private static void Link(string link, string target)
    {
        try
        {
            if (!IsLink(link))
                File.CreateSymbolicLink(link, target);
        }
        catch (IOException) when (IsLink(link))
        {
            // Another process has just made it.
        }
    }

    private static bool IsLink(string file) => new FileInfo(file).LinkTarget is not null;

    private static LibtorchFolder Named(string path, IEnumerable<string> applicationFolders)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(full))
            throw new TorchLoadException(
                $"{Variable}: there is no folder {full}; it must be the lib folder of {LoadedLibraries.Supported}."
            );
        var missing = MissingIn(full);
        if (missing.Length > 0)
            throw new TorchLoadException(
                $"{Variable}: {full} lacks {string.Join(", ", missing)}; it must be the lib folder of {LoadedLibraries.Supported}."
            );
        RefuseSecond(full, applicationFolders);
        return new LibtorchFolder(full, IsForeign: true);
    }

    // TorchSharp's static constructor loads torch_cpu from beside the program whenever it is there, whatever was loaded before,
    // and two copies in one process register the same operators twice and end it.
    private static void RefuseSecond(string named, IEnumerable<string> applicationFolders)
    {
        var file = FileName("torch_cpu");
        var own = applicationFolders.Select(folder => System.IO.Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        if (own is not null && RealPath(own) != RealPath(System.IO.Path.Combine(named, file)))
            throw new TorchLoadException(
                $"{Variable}: this build carries its own libtorch ({own}) and cannot use that in {named}; build with "
                    + $"TorchBackend=none, or unset the variable."
            );
    }

    private static string RealPath(string file) =>
        File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? System.IO.Path.GetFullPath(file);

    private static LibtorchFolder OfApplication(IEnumerable<string> folders)
    {
        var found = folders.FirstOrDefault(folder => MissingIn(folder).Length == 0);
        return found is not null
            ? new LibtorchFolder(System.IO.Path.TrimEndingDirectorySeparator(found), IsForeign: false)
            : throw new TorchLoadException(
                "This build carries no libtorch: build it with TorchBackend=cpu, cuda-linux or cuda-windows, "
                    + $"or set {Variable} to the lib folder of {LoadedLibraries.Supported}."
            );
    }

    private static string[] MissingIn(string folder) =>
        [
            .. Libraries
                .Where(library => library.Required)
                .Select(library => FileName(library.Name))
                .Where(file => !File.Exists(System.IO.Path.Combine(folder, file))),
        ];

    private static string Platform()
    {
        var system =
            OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : "linux";
        var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return $"{system}-{processor}";
    }

    // .NET prefixes the loader's own line with several lines of advice.
    private static string Reason(Exception exception) =>
        exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
}
