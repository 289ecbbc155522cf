using TrainHarness.Training.Native.Trace;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>
/// Leaves marks in a trace of operators where the modules of a network begin and end, until it is disposed of: tensors without an element,
/// made in a shape that nothing else has.
/// </summary>
internal sealed class ModuleMarks : IDisposable
{
    private const long Begin = 0x7472_6169;
    private const long End = 0x6861_726e;

    private readonly List<(string Path, nn.Module Module)> modules = [];
    private readonly List<Action> removals = [];

    /// <param name="layers">Each module once, with its path in the network.</param>
    public ModuleMarks(IEnumerable<(string Path, nn.Module Module)> layers)
    {
        foreach (var layer in layers)
        {
            var index = modules.Count;
            modules.Add(layer);
            Hook(layer.Module, "register_forward_pre_hook", () => Leave(Begin, index));
            Hook(layer.Module, "register_forward_hook", () => Leave(End, index));
        }
    }

    public (string Path, nn.Module Module) this[int index] => modules[index];

    /// <returns>Which module, and whether it begins there; null for what is no mark.</returns>
    public static (int Index, bool Begins)? Read(RecordedOperator run) =>
        run.Name == "aten::zero_" && run.Shape(0) is [0, Begin or End, var index] shape ? ((int)index, shape[1] == Begin) : null;

    public void Dispose() => removals.ForEach(remove => remove());

    // Filled with zeros, which is an operator however libtorch is called; memory alone need not be.
    private static void Leave(long kind, int index) => zeros(0, kind, index).Dispose();

    // A module that is no Module<…> cannot be hooked: what it runs is that of the one around it.
    private void Hook(nn.Module module, string method, Action mark)
    {
        if (module.GetType().GetMethod(method, [typeof(Action<nn.Module>)]) is not { } register)
            return;
        var hook = register.Invoke(module, [(Action<nn.Module>)(_ => mark())])!;
        removals.Add(() => hook.GetType().GetMethod("remove", [])!.Invoke(hook, []));
    }
}
