using System.Runtime.InteropServices;

namespace TrainHarness.Cli.Terminal;

/// <summary>
/// Makes sure that the descriptors 0, 1 and 2 are the caller's, or lead nowhere. Where one was closed (<c>2&gt;&amp;-</c>) the system gives
/// its number to the next file that is opened, which may be one of the runtime's: what is written to standard error would then land in
/// memory that holds code.
/// </summary>
internal static partial class StandardStreams
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;
    private const int ReadOnly = 0;

    /// <summary>Starts the program again, as the same process, where one was closed; otherwise returns at once.</summary>
    public static void RequireOwn()
    {
        if (!OperatingSystem.IsLinux())
            return;
        int[] closed = [.. Enumerable.Range(0, 3).Where(IsNotInherited)];
        if (closed.Length == 0)
            return;
        // Opened for reading, so that a write fails.
        var nowhere = Open("/dev/null", ReadOnly);
        if (nowhere < 0 || closed.Any(descriptor => Duplicate(nowhere, descriptor) < 0))
            return;
        string?[] arguments = [.. File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0'), null];
        _ = Execute("/proc/self/exe", arguments);
    }

    // What is inherited has outlived an exec and so lacks close-on-exec, which all that the runtime opens has. -1: nothing is open there.
    private static bool IsNotInherited(int descriptor) =>
        Control(descriptor, GetFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
