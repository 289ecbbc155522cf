using TrainHarness.Files;

namespace TrainHarness.Cli.Execution;

/// <summary>The disk that a folder lies on, or would lie on: its room, and whether it can be written.</summary>
internal static class Disk
{
    /// <summary>Null where it cannot be told.</summary>
    public static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(NearestExisting(Path.GetFullPath(folder))).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The folder, or the nearest one above it that is there.</summary>
    public static string NearestExisting(string folder) =>
        Directory.Exists(folder) || Path.GetDirectoryName(folder) is not { } parent ? folder : NearestExisting(parent);

    /// <summary>Writes a file into a folder, or into what is there of its path, and deletes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public static void TryWrite(string folder)
    {
        var probe = Path.Combine(NearestExisting(folder), $".trainharness-{Guid.NewGuid():N}.tmp");
        WritableFile.MakeWhole(probe, []);
        File.Delete(probe);
    }
}
