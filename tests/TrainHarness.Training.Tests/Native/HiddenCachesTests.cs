using System.Runtime.InteropServices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

public class HiddenCachesTests
{
    private const int Amd = 0x68747541;
    private const int Intel = 0x756E6547;

    // Leaf, subleaf and the first register, as two virtual machines on an AMD EPYC (family 26) and one on an Intel Xeon answer.
    [Theory]
    [InlineData(Amd, 0x0D, 0x80000021, 0x8000001D, 0x00000121, false)]
    [InlineData(Amd, 0x0D, 0x80000021, 0x8000001D, 0x00000000, true)]
    [InlineData(Amd, 0x0D, 0x80000008, 0x8000001D, 0x00000121, true)]
    [InlineData(Intel, 0x16, 0x80000008, 0x00000004, 0x1C004121, false)]
    [InlineData(Intel, 0x16, 0x80000008, 0x00000004, 0x00000000, true)]
    [InlineData(Intel, 0x02, 0x80000008, 0x00000004, 0x1C004121, true)]
    public void A_processor_without_a_first_cache_hides_them(int vendor, int standard, uint extended, uint leaf, int first, bool hidden) =>
        Assert.Equal(
            hidden,
            HiddenCaches.Are(
                (asked, _) =>
                    asked switch
                    {
                        0 => (standard, vendor, 0, 0),
                        unchecked((int)0x80000000) => (unchecked((int)extended), 0, 0, 0),
                        _ when asked == unchecked((int)leaf) => (first, 0, 0, 0),
                        _ => default,
                    }
            )
        );

    [Fact]
    public void Without_a_choice_native_code_is_kept_to_AVX()
    {
        Assert.SkipUnless(
            HiddenCaches.AreHere && ConvolutionKernels.Current == KernelSet.Avx && OperatingSystem.IsLinux(),
            "this machine shows its processor's caches, or something was chosen"
        );
        Assert.Equal("AVX", Marshal.PtrToStringUTF8(ForNativeCode("ONEDNN_MAX_CPU_ISA")));
    }

    [Fact]
    public unsafe void NNPACK_which_would_complain_at_every_convolution_is_off_where_they_are_hidden()
    {
        TorchLibrary.Load();
        Assert.SkipUnless(HiddenCaches.AreHere && OperatingSystem.IsLinux(), "this machine shows its processor's caches");
        var context = ((delegate* unmanaged<nint>)TorchLibrary.Export(LibtorchApi.Library, "_ZN2at13globalContextEv"))();
        Assert.Equal(
            0,
            ((delegate* unmanaged<nint, byte>)TorchLibrary.Export(LibtorchApi.Library, "_ZNK2at7Context17userEnabledNNPACKEv"))(context)
        );
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint ForNativeCode([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
