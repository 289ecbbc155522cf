using System.Runtime.InteropServices;
using System.Text;

namespace TrainHarness.Training.Energy;

/// <summary>
/// The energy counter of an NVIDIA board, by the driver's own libraries (NVML and the CUDA driver API, whose functions are C). The board is
/// found by its PCI address, so that CUDA_VISIBLE_DEVICES, which numbers GPUs anew for CUDA and not for NVML, cannot name another.
/// </summary>
internal static unsafe class Nvml
{
    private const string OfNvml = "nvml";
    private const int AddressBytes = 32;
    private const double Millijoules = 1e3;

    private static readonly (string Nvml, string Cuda) Names = OperatingSystem.IsWindows()
        ? ("nvml.dll", "nvcuda.dll")
        : ("libnvidia-ml.so.1", "libcuda.so.1");

    /// <param name="index">As CUDA numbers the GPUs that this process sees.</param>
    public static (EnergyCounter? Counter, string Found) Find(int index) =>
        TryLoad(Names.Nvml, out var nvml) && TryLoad(Names.Cuda, out var cuda)
            ? Find(index, name => Function(name.StartsWith(OfNvml, StringComparison.Ordinal) ? nvml : cuda, name))
            : (null, "not measured: no NVML in the driver");

    /// <param name="function">Address of a function of the driver, by its name; 0 where it has none.</param>
    internal static (EnergyCounter? Counter, string Found) Find(int index, Func<string, nint> function)
    {
        var address = stackalloc byte[AddressBytes];
        if (
            function("cuInit") is not (not 0 and var cuInit)
            || function("cuDeviceGet") is not (not 0 and var cuDeviceGet)
            || function("cuDeviceGetPCIBusId") is not (not 0 and var cuDeviceGetPciBusId)
            || function("nvmlInit_v2") is not (not 0 and var init)
            || function("nvmlDeviceGetHandleByPciBusId_v2") is not (not 0 and var handleOf)
            || function("nvmlDeviceGetTotalEnergyConsumption") is not (not 0 and var energyOf)
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
        if (IsShared(function("nvmlDeviceGetMigMode"), handle))
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

    private static bool IsShared(nint modeOf, nint handle)
    {
        uint current = 0,
            pending;
        return modeOf != 0 && ((delegate* unmanaged<nint, uint*, uint*, int>)modeOf)(handle, &current, &pending) == 0 && current != 0;
    }

    private static bool TryLoad(string name, out nint library) =>
        NativeLibrary.TryLoad(name, typeof(Nvml).Assembly, DllImportSearchPath.SafeDirectories, out library);

    private static nint Function(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;
}
