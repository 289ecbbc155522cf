using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TrainHarness.Training.Energy;

namespace TrainHarness.Training.Tests.Energy;

/// <summary>NVIDIA's driver, stood in for by functions of its interface: two boards, which CUDA and NVML number in another order.</summary>
public sealed unsafe class NvmlTests
{
    private const string First = "0000:17:00.0";
    private const string Second = "0000:65:00.0";
    private const int NotSupported = 3;

    // What the driver would say; one test at a time asks it.
    private static ulong millijoules;
    private static int energyStatus;
    private static uint migMode;
    private static string? asked;

    private readonly Dictionary<string, nint> driver = new()
    {
        ["cuInit"] = (nint)(delegate* unmanaged[Cdecl]<uint, int>)&Initialise,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged[Cdecl]<int*, int, int>)&Device,
        ["cuDeviceGetPCIBusId"] = (nint)(delegate* unmanaged[Cdecl]<byte*, int, int, int>)&Address,
        ["nvmlInit_v2"] = (nint)(delegate* unmanaged[Cdecl]<int>)&InitialiseNvml,
        ["nvmlDeviceGetHandleByPciBusId_v2"] = (nint)(delegate* unmanaged[Cdecl]<byte*, nint*, int>)&Handle,
        ["nvmlDeviceGetTotalEnergyConsumption"] = (nint)(delegate* unmanaged[Cdecl]<nint, ulong*, int>)&Energy,
        ["nvmlDeviceGetMigMode"] = (nint)(delegate* unmanaged[Cdecl]<nint, uint*, uint*, int>)&Mode,
    };

    public NvmlTests() => (millijoules, energyStatus, migMode, asked) = (1_000, 0, 0, null);

    [Fact]
    public void Millijoules_of_the_board_add_up_as_joules()
    {
        var (counter, found) = Find(0);
        Assert.Equal($"one GPU board at {First}", found);
        var meter = new EnergyMeter(counter);
        meter.Start();
        millijoules += 2_500;
        meter.Stop();
        Assert.Equal(2.5, meter.Joules);
        Assert.Equal("nvml: one GPU board", meter.Covers);
    }

    [Fact]
    public void The_board_is_found_by_its_address_and_not_by_its_number()
    {
        Assert.Equal($"one GPU board at {Second}", Find(1).Found);
        Assert.Equal(Second, asked);
    }

    [Fact]
    public void A_counter_that_cannot_be_read_any_more_leaves_the_joules_unknown()
    {
        var meter = new EnergyMeter(Find(0).Counter);
        meter.Start();
        energyStatus = NotSupported;
        meter.Stop();
        Assert.Null(meter.Joules);
    }

    [Fact]
    public void What_the_driver_does_not_have_is_said_and_nothing_is_guessed()
    {
        energyStatus = NotSupported;
        Assert.Equal((null, "not measured: this GPU has no energy counter"), Find(0));
        energyStatus = 0;
        migMode = 1;
        Assert.Equal((null, "not measured: the board is divided (MIG), and its counter is of the whole"), Find(0));
        migMode = 0;
        Assert.Equal((null, "not measured: the driver does not name the board"), Find(2));
        Assert.True(driver.Remove("nvmlDeviceGetMigMode"));
        Assert.NotNull(Find(0).Counter);
        Assert.True(driver.Remove("nvmlDeviceGetTotalEnergyConsumption"));
        Assert.Equal((null, "not measured: the driver's NVML is too old"), Find(0));
    }

    private (EnergyCounter? Counter, string Found) Find(int index) => Nvml.Find(index, name => driver.GetValueOrDefault(name));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Initialise(uint flags) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int InitialiseNvml() => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Device(int* device, int index)
    {
        *device = 10 + index;
        return index < 2 ? 0 : 101;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Address(byte* address, int length, int device)
    {
        Encoding.ASCII.GetBytes((device == 10 ? First : Second) + '\0').CopyTo(new Span<byte>(address, length));
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Handle(byte* address, nint* handle)
    {
        asked = Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(address));
        *handle = 1;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Energy(nint handle, ulong* value)
    {
        *value = millijoules;
        return energyStatus;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Mode(nint handle, uint* current, uint* pending)
    {
        *current = *pending = migMode;
        return 0;
    }
}
