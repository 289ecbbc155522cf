using System.Runtime.CompilerServices;
using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests;

internal static class ModuleInitializer
{
    // Before any test can touch torch.
    [ModuleInitializer]
    internal static void Initialize() => TorchLibrary.Load();
}
