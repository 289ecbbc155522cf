using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>A file of no folder, on Linux: nothing is left behind, and a read-only disk is no obstacle.</summary>
internal sealed partial class MemoryFile : IDisposable
{
    private readonly SafeFileHandle handle;

    /// <exception cref="TorchLoadException">The system gives none.</exception>
    public MemoryFile(string name)
    {
        const uint CloseOnExec = 1;
        handle = new SafeFileHandle(Make(name, CloseOnExec), ownsHandle: true);
        if (handle.IsInvalid)
            throw new TorchLoadException("The system gives no file in memory (memfd_create).");
    }

    /// <summary>By which this process can open it.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");

    public void Write(byte[] bytes) => RandomAccess.Write(handle, bytes, 0);

    public byte[] Read()
    {
        var bytes = new byte[RandomAccess.GetLength(handle)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(read), read) is > 0 and var more)
            read += more;
        return bytes;
    }

    public void Dispose() => handle.Dispose();

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Make(string name, uint flags);
}
