using System.Runtime.InteropServices;

namespace TrainHarness.Files;

/// <summary>Makes a rename outlive a power cut: POSIX keeps it in the folder, which .NET cannot flush.</summary>
internal static partial class DiskFlush
{
    private const int ReadOnly = 0;

    public static void OfFolder(string folder)
    {
        // Windows writes its folders through a journal and has no such call.
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
            return;
        // Some file systems cannot flush a folder; the rename is then as safe as they make it.
        _ = Flush(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
