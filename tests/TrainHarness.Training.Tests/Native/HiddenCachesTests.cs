using System.Runtime.InteropServices;
using TrainHarness.Training.Native;

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
        Assert.Equal(hidden, HiddenCaches.Are((asked, _) => asked switch
        {
            0 => (standard, vendor, 0, 0),
            unchecked((int)0x80000000) => (unchecked((int)extended), 0, 0, 0),
            _ when asked == unchecked((int)leaf) => (first, 0, 0, 0),
            _ => default,
        }));

    [Theory]
    [InlineData("", false)]
    [InlineData("OMP_NUM_THREADS", false)]
    [InlineData("ONEDNN_MAX_CPU_ISA", true)]
    [InlineData("DNNL_MAX_CPU_ISA", true)]
    public void What_oneDNN_uses_is_the_users_choice_by_either_of_its_variables(string set, bool expected) =>
        Assert.Equal(expected, HiddenCaches.IsChosen(variable => variable == set ? "AVX2" : null));

    [Fact]
    public void Native_code_sees_the_choice()
    {
        Assert.SkipUnless(HiddenCaches.AreAvoided && OperatingSystem.IsLinux(), "this machine shows its processor's caches");
        Assert.Equal("AVX", Marshal.PtrToStringUTF8(ForNativeCode("ONEDNN_MAX_CPU_ISA")));
    }

    [Fact]
    public unsafe void NNPACK_which_would_complain_at_every_convolution_is_off_where_they_are_hidden()
    {
        TorchLibrary.Load();
        Assert.SkipUnless(HiddenCaches.AreAvoided && OperatingSystem.IsLinux(), "this machine shows its processor's caches");
        var context = ((delegate* unmanaged<nint>)TorchLibrary.Export(LibtorchApi.Library, "_ZN2at13globalContextEv"))();
        Assert.Equal(0, ((delegate* unmanaged<nint, byte>)TorchLibrary.Export(LibtorchApi.Library, "_ZNK2at7Context17userEnabledNNPACKEv"))(context));
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint ForNativeCode([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
