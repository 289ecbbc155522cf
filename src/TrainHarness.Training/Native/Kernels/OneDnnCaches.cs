using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>
/// The sizes of the data caches that oneDNN inside libtorch works with. They lie in an object without a name that others can see; it is
/// found by what must be in it, and left alone unless exactly one place in the library's data holds all of that.
/// </summary>
/// <remarks>
/// <c>Xbyak::util::Cpu</c> of oneDNN 3.x, in bytes from its start: ten sizes at 28, by how many cores each is shared at 68, how many caches
/// there are at 108, family and model of the processor at 136 and 140. On AMD processors under Linux only: elsewhere oneDNN guesses by
/// itself where the caches are hidden.
/// </remarks>
internal static unsafe class OneDnnCaches
{
    private const int SizesAt = 28;
    private const int SharingAt = 68;
    private const int LevelsAt = 108;
    private const int FamilyAt = 136;
    private const int ModelAt = 140;
    private const int ObjectBytes = 144;
    private const int MaxLevels = 10;
    private const int Alignment = 8;
    private const int LoadSegment = 1;
    private const int Writable = 2;

    /// <summary>Has oneDNN read the processor, which it does once, at its first use.</summary>
    public static void HaveRead()
    {
        Span<ulong> stack = stackalloc ulong[1];
        fixed (
            byte* name = "mkldnn::_is_mkldnn_bf16_supported\0"u8,
                overload = "\0"u8
        )
        fixed (ulong* words = stack)
            _ = LibtorchApi.CallDispatcher(name, overload, words, Dispatcher.EncodingVersion);
    }

    /// <summary>Where the object lies; 0 where it cannot be told, such as in a libtorch with another oneDNN.</summary>
    /// <param name="torchCpu">An address within libtorch_cpu.</param>
    /// <param name="sizes">That oneDNN must have read.</param>
    /// <param name="family">Of the processor, as <see cref="Processor"/>.</param>
    /// <param name="model">Likewise.</param>
    public static nint Find(nint torchCpu, IReadOnlyList<int> sizes, int family, int model)
    {
        if (!OperatingSystem.IsLinux() || BaseOf(torchCpu) is not (var start and not 0))
            return 0;
        List<nint> found = [.. WritableParts(start).SelectMany(part => Places(part, sizes, family, model))];
        return found.Count == 1 ? found[0] : 0;
    }

    /// <summary>Replaces the sizes; each cache is then one core's own.</summary>
    public static void Write(nint place, IReadOnlyList<int> sizes)
    {
        var bytes = new Span<byte>((void*)place, ObjectBytes);
        for (var level = 0; level < sizes.Count; level++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(SizesAt + (4 * level))..], sizes[level]);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(SharingAt + (4 * level))..], 1);
        }
    }

    /// <summary>As CPUID leaf 1 tells them, the extended parts included.</summary>
    public static (int Family, int Model) Processor(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId)
    {
        var signature = cpuId(1, 0).Eax;
        var (family, model) = ((signature >> 8) & 0xF, (signature >> 4) & 0xF);
        return (
            family == 0xF ? family + ((signature >> 20) & 0xFF) : family,
            family is 0xF or 6 ? model + (((signature >> 16) & 0xF) << 4) : model
        );
    }

    /// <param name="bytes">The object's, or any others.</param>
    internal static bool Fits(ReadOnlySpan<byte> bytes, IReadOnlyList<int> sizes, int family, int model)
    {
        if (At(bytes, LevelsAt) != sizes.Count || At(bytes, FamilyAt) != family || At(bytes, ModelAt) != model)
            return false;
        for (var level = 0; level < MaxLevels; level++)
        {
            var (size, sharing) = (At(bytes, SizesAt + (4 * level)), At(bytes, SharingAt + (4 * level)));
            if (level < sizes.Count ? size != sizes[level] || sharing < 1 : size != 0 || sharing != 0)
                return false;
        }

        return true;
    }

    private static int At(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt32LittleEndian(bytes[offset..]);

    private static List<nint> Places((nint Start, long Bytes) part, IReadOnlyList<int> sizes, int family, int model)
    {
        List<nint> found = [];
        for (long offset = 0; offset + ObjectBytes <= part.Bytes; offset += Alignment)
        {
            if (Fits(new ReadOnlySpan<byte>((void*)(part.Start + offset), ObjectBytes), sizes, family, model))
                found.Add((nint)(part.Start + offset));
        }

        return found;
    }

    private static nint BaseOf(nint address)
    {
        LoadedObject found = default;
        return LoadedAt(address, &found) != 0 ? found.Base : 0;
    }

    // The program headers of ELF-64, which are loaded with the library: type, flags, offset, address, physical address, size in the file,
    // in memory.
    private static List<(nint Start, long Bytes)> WritableParts(nint start)
    {
        var headers = start + (nint)(*(long*)(start + 32));
        var (size, count) = (*(ushort*)(start + 54), *(ushort*)(start + 56));
        List<(nint Start, long Bytes)> parts = [];
        for (var index = 0; index < count; index++)
        {
            var header = headers + (index * size);
            if (*(int*)header == LoadSegment && (*(int*)(header + 4) & Writable) != 0)
                parts.Add((start + (nint)(*(long*)(header + 16)), *(long*)(header + 40)));
        }

        return parts;
    }

    // Dl_info of dlfcn.h.
    private struct LoadedObject
    {
        public nint File;
        public nint Base;
        public nint Symbol;
        public nint SymbolAddress;
    }

    [DllImport("libc", EntryPoint = "dladdr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int LoadedAt(nint address, LoadedObject* found);
}
