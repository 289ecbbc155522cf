using System.Runtime.InteropServices;
using System.Text;

namespace TrainHarness.Training.Energy;

/// <summary>
/// The energy counter of an NVIDIA board, by the driver's own libraries (NVML and the CUDA driver API, whose functions are C). The board is
/// found by its PCI address, so that CUDA_VISIBLE_DEVICES, which numbers GPUs anew for CUDA and not for NVML, cannot name another.
/// </summary>
internal static unsafe class Nvml
{
    private const int AddressBytes = 32;
    private const double Millijoules = 1e3;

    private static readonly (string Nvml, string Cuda) Names = OperatingSystem.IsWindows()
        ? ("nvml.dll", "nvcuda.dll")
        : ("libnvidia-ml.so.1", "libcuda.so.1");

    /// <param name="index">As CUDA numbers the GPUs that this process sees.</param>
    public static (EnergyCounter? Counter, string Found) Find(int index)
    {
        if (!TryLoad(Names.Nvml, out var nvml) || !TryLoad(Names.Cuda, out var cuda))
            return (null, "not measured: no NVML in the driver");
        var address = stackalloc byte[AddressBytes];
        if (
            Function(cuda, "cuInit") is not (not 0 and var cuInit)
            || Function(cuda, "cuDeviceGet") is not (not 0 and var cuDeviceGet)
            || Function(cuda, "cuDeviceGetPCIBusId") is not (not 0 and var cuDeviceGetPciBusId)
            || Function(nvml, "nvmlInit_v2") is not (not 0 and var init)
            || Function(nvml, "nvmlDeviceGetHandleByPciBusId_v2") is not (not 0 and var handleOf)
            || Function(nvml, "nvmlDeviceGetTotalEnergyConsumption") is not (not 0 and var energyOf)
        )
            return (null, "not measured: the driver's NVML is too old");
        int device;
        nint handle;
        if (
            ((delegate* unmanaged<uint, int>)cuInit)(0) != 0
            || ((delegate* unmanaged<int*, int, int>)cuDeviceGet)(&device, index) != 0
            || ((delegate* unmanaged<byte*, int, int, int>)cuDeviceGetPciBusId)(address, AddressBytes, device) != 0
            || ((delegate* unmanaged<int>)init)() != 0
            || ((delegate* unmanaged<byte*, nint*, int>)handleOf)(address, &handle) != 0
        )
            return (null, "not measured: the driver does not name the board");
        if (IsShared(nvml, handle))
            return (null, "not measured: the board is divided (MIG), and its counter is of the whole");
        var board = handle;

        double? Read()
        {
            ulong millijoules;
            return ((delegate* unmanaged<nint, ulong*, int>)energyOf)(board, &millijoules) == 0 ? millijoules / Millijoules : null;
        }

        return Read() is null
            ? (null, "not measured: this GPU has no energy counter")
            : (
                new EnergyCounter("nvml: one GPU board", [new EnergyDomain(Read, Range: null)]),
                $"one GPU board at {Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(address))}"
            );
    }

    private static bool IsShared(nint nvml, nint handle)
    {
        uint current = 0,
            pending;
        return Function(nvml, "nvmlDeviceGetMigMode") is not 0 and var modeOf
            && ((delegate* unmanaged<nint, uint*, uint*, int>)modeOf)(handle, &current, &pending) == 0
            && current != 0;
    }

    private static bool TryLoad(string name, out nint library) =>
        NativeLibrary.TryLoad(name, typeof(Nvml).Assembly, DllImportSearchPath.SafeDirectories, out library);

    private static nint Function(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;
}
