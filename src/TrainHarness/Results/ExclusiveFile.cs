using System.Runtime.InteropServices;

namespace TrainHarness.Results;

/// <summary>Makes a file that only one process can make, with its whole content from the first instant.</summary>
internal static partial class ExclusiveFile
{
    private const int AlreadyThere = 17;

    /// <summary>False where the file is there already.</summary>
    public static bool TryCreate(string path, byte[] content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            return OperatingSystem.IsWindows() ? TryMove(temporary, path) : TryLink(temporary, path, content);
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
        return Marshal.GetLastPInvokeError() != AlreadyThere && TryOpen(path, content);
    }

    // File systems without hard links still refuse to make a file twice.
    private static bool TryOpen(string path, byte[] content)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            stream.Write(content);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
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
