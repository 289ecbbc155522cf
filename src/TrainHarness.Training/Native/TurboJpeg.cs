using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native;

/// <summary>
/// libturbojpeg (libjpeg-turbo 2 or 3), where the system has it: the decoder that Skia holds too, without the detours around it. It gives
/// the same pixels, sooner. Debian and Ubuntu: <c>apt install libturbojpeg0</c>.
/// </summary>
public static unsafe class TurboJpeg
{
    // TJPF_RGBX of turbojpeg.h: red, green, blue and one byte that says nothing.
    private const int PixelsRgbx = 2;
    private const int FourInks = 3;

    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["turbojpeg.dll"]
        : ["libturbojpeg.so.0", "libturbojpeg.0.dylib"];
    private static readonly Functions? Loaded = Load();

    public static bool IsAvailable => Loaded is not null;

    /// <summary>Decodes a JPEG.</summary>
    /// <param name="width">Of the result: of the image, or of it at a number of eighths.</param>
    /// <param name="pixels">Four bytes each; width × height × 4 in all.</param>
    /// <returns>
    /// False where the library is missing, has anything to complain about, or the image has four inks, which it does not convert.
    /// </returns>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int width, int height, Span<byte> pixels)
    {
        if (Loaded is not { } library || pixels.Length != (long)width * height * 4)
            return false;
        var handle = library.InitDecompress();
        if (handle == 0)
            return false;
        try
        {
            fixed (
                byte* source = encoded,
                    target = pixels
            )
            {
                int fullWidth,
                    fullHeight,
                    subsampling,
                    colours;
                return library.DecompressHeader(
                        handle,
                        source,
                        new CULong((nuint)encoded.Length),
                        &fullWidth,
                        &fullHeight,
                        &subsampling,
                        &colours
                    ) == 0
                    && colours < FourInks
                    && IsScaled(fullWidth, fullHeight, width, height)
                    && library.Decompress(handle, source, new CULong((nuint)encoded.Length), target, width, 0, height, PixelsRgbx, 0) == 0;
            }
        }
        finally
        {
            _ = library.Destroy(handle);
        }
    }

    // Asked for a size that it does not scale to, the library fills less of the pixels and does not say so.
    private static bool IsScaled(int fullWidth, int fullHeight, int width, int height) =>
        Enumerable.Range(1, 8).Any(eighths => ((fullWidth * eighths) + 7) / 8 == width && ((fullHeight * eighths) + 7) / 8 == height);

    private static Functions? Load()
    {
        foreach (var name in Names)
        {
            if (
                NativeLibrary.TryLoad(name, typeof(TurboJpeg).Assembly, DllImportSearchPath.SafeDirectories, out var library)
                && NativeLibrary.TryGetExport(library, "tjInitDecompress", out var initDecompress)
                && NativeLibrary.TryGetExport(library, "tjDecompressHeader3", out var decompressHeader)
                && NativeLibrary.TryGetExport(library, "tjDecompress2", out var decompress)
                && NativeLibrary.TryGetExport(library, "tjDestroy", out var destroy)
            )
                return new Functions(initDecompress, decompressHeader, decompress, destroy);
        }

        return null;
    }

    private sealed class Functions(nint initDecompress, nint decompressHeader, nint decompress, nint destroy)
    {
        public nint InitDecompress() => ((delegate* unmanaged<nint>)initDecompress)();

        public int DecompressHeader(nint handle, byte* source, CULong length, int* width, int* height, int* subsampling, int* colours) =>
            ((delegate* unmanaged<nint, byte*, CULong, int*, int*, int*, int*, int>)decompressHeader)(
                handle,
                source,
                length,
                width,
                height,
                subsampling,
                colours
            );

        public int Decompress(
            nint handle,
            byte* source,
            CULong length,
            byte* target,
            int width,
            int pitch,
            int height,
            int format,
            int flags
        ) =>
            ((delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int>)decompress)(
                handle,
                source,
                length,
                target,
                width,
                pitch,
                height,
                format,
                flags
            );

        public int Destroy(nint handle) => ((delegate* unmanaged<nint, int>)destroy)(handle);
    }
}
