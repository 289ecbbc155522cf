using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>Which tensor of libtorch a handle is of: several handles may be of one.</summary>
internal static class TensorAddress
{
    // A handle points to an at::Tensor, whose only member is a pointer to its TensorImpl.
    public static nint Of(Tensor tensor) => Marshal.ReadIntPtr(tensor.Handle);
}
