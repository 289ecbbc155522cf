using System.Security.Cryptography;
using TrainHarness.Files;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>
/// A copy of TorchSharp's native library that loads with the C++ runtime of GCC 12 (Debian 12).
/// </summary>
/// <remarks>
/// libLibTorchSharp.so 0.107 was linked by GCC 15 and asks for GLIBCXX_3.4.32. The one symbol of that version,
/// <c>std::ios_base_library_init</c>, has no relocation: it is never called, so a weak need of the version is enough.
/// </remarks>
internal static class CuredLibrary
{
    private const string UnmetVersion = "GLIBCXX_3.4.32";

    /// <summary>That symbol, which no other library has to have.</summary>
    public const string UncalledSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>The user's folder for copies; never the program's own, which may be read-only or shared.</summary>
    public static string DefaultFolder => Path.Combine(CacheFolder.Root, "native");

    /// <summary>Makes the copy, or finds the one of last time and checks it byte for byte.</summary>
    /// <param name="original">The shipped library; only read.</param>
    /// <returns>The copy's path in <paramref name="cacheFolder"/>; its name holds the original's SHA-256.</returns>
    /// <exception cref="TorchLoadException">The original is no library of the expected kind, or the copy cannot be written.</exception>
    public static string Of(string original, string cacheFolder)
    {
        var image = File.ReadAllBytes(original);
        var copy = Path.Combine(cacheFolder, $"LibTorchSharp-{Convert.ToHexStringLower(SHA256.HashData(image))}.so");
        Cure(image, original);
        try
        {
            if (!Holds(copy, image))
                AtomicFile.Write(copy, image);
            return copy;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TorchLoadException(
                $"{original} needs a changed copy, which cannot be written: {exception.Message} {CacheFolder.Variable} names another "
                    + $"folder.",
                exception
            );
        }
    }

    private static void Cure(byte[] image, string original)
    {
        try
        {
            if (VersionNeeds.Weaken(image, UnmetVersion) == 0)
                throw new TorchLoadException($"{original} does not load, and not for want of {UnmetVersion}: it has no such need.");
        }
        catch (BadImageFormatException exception)
        {
            throw new TorchLoadException($"{original} is damaged: {exception.Message}.", exception);
        }
    }

    private static bool Holds(string file, byte[] content) => File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(content);
}
