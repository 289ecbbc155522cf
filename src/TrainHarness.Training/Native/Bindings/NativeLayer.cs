using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>What libtorch's own class of a layer would hold: its parameters, in the order in which it registers them.</summary>
/// <param name="Settings">What the layer was made with.</param>
internal sealed record NativeLayer(object Settings) : IDisposable
{
    private readonly List<string> names = [];
    private readonly List<nint> tensors = [];

    /// <summary>The layer's own handles, in order.</summary>
    public IReadOnlyList<nint> Tensors => tensors;

    public IReadOnlyList<string> Names => names;

    /// <summary>Adds a parameter of single precision on the CPU with whatever was in the memory.</summary>
    /// <returns>Its handle, which stays the layer's; 0 after a failure.</returns>
    public nint Add(string name, params ReadOnlySpan<long> sizes)
    {
        var tensor = CreationBindings.Finished(Empty(sizes, ElementType.Float32, LibtorchApi.CpuDevice(), 0), 1);
        Add(name, tensor);
        return tensor;
    }

    /// <summary>Adds a parameter that is there already, and takes its handle.</summary>
    public void Add(string name, nint tensor)
    {
        names.Add(name);
        tensors.Add(tensor);
    }

    /// <returns>The layer's own handle; 0 where there is none of the name.</returns>
    public nint this[string name] => names.IndexOf(name) is >= 0 and var index ? tensors[index] : 0;

    /// <returns>A new handle of it; 0 where there is none.</returns>
    public nint Shared(string name) => this[name] is var own and not 0 ? (nint)Word(own) : 0;

    /// <summary>Puts another tensor in the place of one.</summary>
    public void Replace(string name, nint tensor)
    {
        var index = names.IndexOf(name);
        if (index < 0)
        {
            Add(name, (nint)Word(tensor));
            return;
        }

        Delete(tensors[index]);
        tensors[index] = (nint)Word(tensor);
    }

    /// <summary>Moves and converts every parameter where it is, so that whoever else holds it sees that.</summary>
    /// <param name="type">Null: as it is.</param>
    /// <param name="device">Null: where it is.</param>
    public void Move(int? type, (int Type, int Index)? device)
    {
        var wasOn = LibtorchApi.IsGradientModeOn();
        LibtorchApi.SetGradientMode(0);
        foreach (var tensor in tensors)
        {
            var (deviceType, deviceIndex) = device ?? Device(tensor);
            var moved = CreationBindings.Converted((nint)Word(tensor), type ?? Type(tensor), deviceType, deviceIndex);
            if (moved != 0)
                TryCall("aten::set_data"u8, ""u8, [Word(tensor), (ulong)moved]);
        }

        LibtorchApi.SetGradientMode(wasOn);
    }

    public void Dispose() => tensors.ForEach(Delete);
}
