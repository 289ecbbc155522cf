using System.Globalization;

namespace TrainHarness.Files;

/// <summary>
/// Files that anybody may have put in a folder of results. Opening a pipe waits for its other end, and a device never ends.
/// </summary>
public static class PlainFile
{
    /// <summary>
    /// All of a file; null where there is none. What has no length, such as a pipe or a device, is empty and is not opened.
    /// </summary>
    /// <param name="maxBytes">Bytes.</param>
    /// <exception cref="ConfigurationException">It is larger, is a folder, or cannot be read.</exception>
    public static byte[]? Read(string file, long maxBytes)
    {
        try
        {
            if (Length(file) is not { } length)
                return null;
            if (length > maxBytes)
                throw new ConfigurationException(
                    string.Create(CultureInfo.InvariantCulture, $"{file}: {length} bytes; allowed: at most {maxBytes}.")
                );
            var bytes = new byte[length];
            if (length == 0)
                return bytes;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).ToArray();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: cannot be read ({error.Message}).", error);
        }
    }

    /// <exception cref="ConfigurationException">It cannot be told, or a folder stands there.</exception>
    public static bool Exists(string file)
    {
        try
        {
            return Length(file) is not null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: cannot be read ({error.Message}).", error);
        }
    }

    /// <summary>Bytes of the file, or of the one that a link leads to: 0 for a pipe or a device. Null where there is none.</summary>
    /// <exception cref="IOException">It is a folder, or a link that leads round in a circle.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder above it may not be entered.</exception>
    public static long? Length(string file)
    {
        try
        {
            // Exists would be false where the folder may not be entered.
            var attributes = File.GetAttributes(file);
            if (!attributes.HasFlag(FileAttributes.ReparsePoint))
                return attributes.HasFlag(FileAttributes.Directory) ? throw new IOException("it is a folder") : new FileInfo(file).Length;
            return File.ResolveLinkTarget(file, returnFinalTarget: true) is FileInfo target
                ? target.Exists
                    ? target.Length
                    : null
                : throw new IOException("it is a link to a folder");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
