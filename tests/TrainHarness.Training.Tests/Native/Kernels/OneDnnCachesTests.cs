using System.Buffers.Binary;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Tests.Native.Kernels;

public class OneDnnCachesTests
{
    private const int Family = 25;
    private const int Model = 17;

    private static readonly int[] Hidden = [1, 1, 1];

    // The registers of CPUID 0x8000001D on an AMD EPYC 9004: 32 KB, 1 MB and 32 MB, as lscpu says of it.
    [Fact]
    public void Sizes_are_read_as_oneDNN_reads_them()
    {
        Assert.Equal(
            [32 * 1024, 1024 * 1024, 32 * 1024 * 1024],
            DataCaches.AsRead(
                (_, subleaf) =>
                    subleaf switch
                    {
                        0 => (0x121, 0x1C0003F, 0x3F, 0),
                        1 => (0x122, 0x1C0003F, 0x3F, 0),
                        2 => (0x143, 0x1C0003F, 0x7FF, 2),
                        3 => (0x4163, 0x3C0003F, 0x7FFF, 1),
                        _ => default,
                    }
            )
        );
        Assert.Equal(Hidden, DataCaches.AsRead((_, _) => default));
    }

    // The same processor's 0x80000005 and 0x80000006; then none, and a hypervisor that makes something up.
    [Theory]
    [InlineData(0x20080140, 0x04006140, 32, 1024)]
    [InlineData(0, 0, 32, 512)]
    [InlineData(unchecked((int)0xFF000000), 0x00010000, 32, 512)]
    public void What_is_told_is_what_the_processor_says_in_its_older_way_or_oneDNNs_own_guess(
        int first,
        int second,
        int firstKilobytes,
        int secondKilobytes
    ) =>
        Assert.Equal(
            [firstKilobytes * 1024, secondKilobytes * 1024, 1024 * 1024],
            DataCaches.Told(
                (leaf, _) =>
                    leaf switch
                    {
                        unchecked((int)0x80000005) => (0, 0, first, 0),
                        unchecked((int)0x80000006) => (0, 0, second, 0),
                        _ => default,
                    }
            )
        );

    // Signatures of CPUID leaf 1: EPYC 9004 (family 25, model 17), Xeon Ice Lake (6, 106), EPYC 7551 (23, 1).
    [Theory]
    [InlineData(0xA10F11, 25, 17)]
    [InlineData(0x606A6, 6, 106)]
    [InlineData(0x800F12, 23, 1)]
    public void Family_and_model_include_their_extended_parts(int signature, int family, int model) =>
        Assert.Equal((family, model), OneDnnCaches.Processor((_, _) => (signature, 0, 0, 0)));

    [Fact]
    public void Only_bytes_that_hold_all_that_oneDNN_must_have_read_are_taken_for_its_own()
    {
        Assert.True(OneDnnCaches.Fits(Object(), Hidden, Family, Model));
        foreach (var (offset, value) in ((int, int)[])[(28, 2), (36, 0), (40, 1), (64, 1), (68, 0), (80, 1), (108, 2), (136, 26), (140, 1)])
        {
            var other = Object();
            BinaryPrimitives.WriteInt32LittleEndian(other.AsSpan(offset), value);
            Assert.False(OneDnnCaches.Fits(other, Hidden, Family, Model), $"{value} at {offset}");
        }

        Assert.False(OneDnnCaches.Fits(new byte[144], Hidden, Family, Model));
    }

    [Fact]
    public unsafe void What_is_written_are_the_sizes_and_that_nobody_shares_them()
    {
        var bytes = Object();
        fixed (byte* place = bytes)
            OneDnnCaches.Write((nint)place, [32768, 524288, 1048576]);
        Assert.True(OneDnnCaches.Fits(bytes, [32768, 524288, 1048576], Family, Model));
    }

    private static byte[] Object()
    {
        var bytes = new byte[144];
        foreach (
            var (offset, value) in ((int, int)[])
                [(28, 1), (32, 1), (36, 1), (68, 1), (72, 2), (76, 1), (108, 3), (136, Family), (140, Model)]
        )
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), value);
        return bytes;
    }
}
