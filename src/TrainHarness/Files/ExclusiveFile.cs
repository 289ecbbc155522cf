using System.Runtime.InteropServices;

namespace TrainHarness.Files;

/// <summary>Makes a file that only one process can make, with its whole content from the first instant.</summary>
internal static partial class ExclusiveFile
{
    private const int NotThere = 2;
    private const int AlreadyThere = 17;
    private const int AlreadyThereOnWindows = unchecked((int)0x80070050);

    /// <summary>False where the file is there already, or was made by another at this moment.</summary>
    /// <exception cref="IOException">It cannot be written, such as on a full disk; nothing of it is left.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is read-only.</exception>
    public static bool TryCreate(string path, byte[] content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            WritableFile.MakeWhole(temporary, content);
            return OperatingSystem.IsWindows() ? TryMove(temporary, path) : TryLink(temporary, path, content);
        }
        catch (FileNotFoundException)
        {
            // Who has made the file meanwhile removes what others left half written.
            return false;
        }
        catch (Exception error) when (WriteFailure.Named(path, error) is { } named)
        {
            throw named;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // On Unix File.Move looks first and renames then, between which another process can make the file; link does both at once.
    private static bool TryLink(string temporary, string path, byte[] content)
    {
        if (Link(temporary, path) == 0)
            return true;
        // Who has made the file meanwhile removes what others left half written.
        return Marshal.GetLastPInvokeError() is not (AlreadyThere or NotThere) && TryOpen(path, content);
    }

    /// <summary>For file systems without hard links, which still refuse to make a file twice.</summary>
    internal static bool TryOpen(string path, byte[] content)
    {
        Stream stream;
        try
        {
            stream = WritableFile.Make(path);
        }
        catch (IOException error) when (error.HResult is AlreadyThere or AlreadyThereOnWindows || File.Exists(path))
        {
            return false;
        }

        stream.Fill(path, content);
        return true;
    }

    private static bool TryMove(string temporary, string path)
    {
        try
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
