namespace TrainHarness.Cli.Execution;

/// <summary>Room on the disk that a folder lies on, or would lie on.</summary>
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
    public static string NearestExisting(string folder) => Directory.Exists(folder) || Path.GetDirectoryName(folder) is not { } parent ? folder : NearestExisting(parent);
}
