using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

/// <summary>TorchSharp's native library as its package ships it.</summary>
internal static class ShippedLibrary
{
    public static string File { get; } = Path.Combine(AppContext.BaseDirectory, LibtorchFolder.FileName("LibTorchSharp"));

    public static byte[] Bytes() => System.IO.File.ReadAllBytes(File);
}
