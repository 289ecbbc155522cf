using System.Runtime.InteropServices;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>One step of a recurrent layer (torch/nn/modules/rnn.h).</summary>
internal static unsafe class RecurrentCellBindings
{
    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_ctor")]
    public static nint NewRnn(long inputs, long hidden, long activation, byte hasBias, nint* boxed) =>
        New("torch::nn::RNNCellImpl", 1, inputs, hidden, activation == 0, hasBias, boxed);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_ctor")]
    public static nint NewGru(long inputs, long hidden, byte hasBias, nint* boxed) =>
        New("torch::nn::GRUCellImpl", 3, inputs, hidden, false, hasBias, boxed);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_ctor")]
    public static nint NewLstm(long inputs, long hidden, byte hasBias, nint* boxed) =>
        New("torch::nn::LSTMCellImpl", 4, inputs, hidden, false, hasBias, boxed);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_forward")]
    public static nint Rnn(nint module, nint input, nint state)
    {
        var layer = ModuleBindings.Layer(module)!;
        var name = ((Settings)layer.Settings).IsRelu ? "aten::rnn_relu_cell"u8 : "aten::rnn_tanh_cell"u8;
        var own = StateOr(state, layer, input);
        return Call(
            name,
            Word(input),
            (ulong)own,
            Word(layer["weight_ih"]),
            Word(layer["weight_hh"]),
            WordOrNone(layer["bias_ih"]),
            WordOrNone(layer["bias_hh"])
        );
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_forward")]
    public static nint Gru(nint module, nint input, nint state)
    {
        var layer = ModuleBindings.Layer(module)!;
        var own = StateOr(state, layer, input);
        return Call(
            "aten::gru_cell"u8,
            Word(input),
            (ulong)own,
            Word(layer["weight_ih"]),
            Word(layer["weight_hh"]),
            WordOrNone(layer["bias_ih"]),
            WordOrNone(layer["bias_hh"])
        );
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_forward")]
    public static nint Lstm(nint module, nint input, nint state, nint cell, nint* lastCell)
    {
        *lastCell = 0;
        var layer = ModuleBindings.Layer(module)!;
        var isGiven = state != 0 && cell != 0;
        var states = stackalloc nint[] { StateOr(isGiven ? state : 0, layer, input), StateOr(isGiven ? cell : 0, layer, input) };
        Span<ulong> stack =
        [
            Word(input),
            TensorList((nint)states, 2),
            Word(layer["weight_ih"]),
            Word(layer["weight_hh"]),
            WordOrNone(layer["bias_ih"]),
            WordOrNone(layer["bias_hh"]),
        ];
        Delete(states[0]);
        Delete(states[1]);
        if (!TryCall("aten::lstm_cell"u8, ""u8, stack))
            return 0;
        *lastCell = (nint)stack[1];
        return (nint)stack[0];
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_weight_ih")]
    public static nint RnnInputWeight(nint module) => ModuleBindings.Layer(module)!.Shared("weight_ih");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_set_weight_ih")]
    public static void SetRnnInputWeight(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("weight_ih", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_weight_hh")]
    public static nint RnnStateWeight(nint module) => ModuleBindings.Layer(module)!.Shared("weight_hh");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_set_weight_hh")]
    public static void SetRnnStateWeight(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("weight_hh", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_bias_ih")]
    public static nint RnnInputBias(nint module) => ModuleBindings.Layer(module)!.Shared("bias_ih");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_set_bias_ih")]
    public static void SetRnnInputBias(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("bias_ih", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_bias_hh")]
    public static nint RnnStateBias(nint module) => ModuleBindings.Layer(module)!.Shared("bias_hh");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNNCell_set_bias_hh")]
    public static void SetRnnStateBias(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("bias_hh", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_weight_ih")]
    public static nint GruInputWeight(nint module) => ModuleBindings.Layer(module)!.Shared("weight_ih");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_set_weight_ih")]
    public static void SetGruInputWeight(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("weight_ih", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_weight_hh")]
    public static nint GruStateWeight(nint module) => ModuleBindings.Layer(module)!.Shared("weight_hh");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_set_weight_hh")]
    public static void SetGruStateWeight(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("weight_hh", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_bias_ih")]
    public static nint GruInputBias(nint module) => ModuleBindings.Layer(module)!.Shared("bias_ih");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_set_bias_ih")]
    public static void SetGruInputBias(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("bias_ih", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_bias_hh")]
    public static nint GruStateBias(nint module) => ModuleBindings.Layer(module)!.Shared("bias_hh");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRUCell_set_bias_hh")]
    public static void SetGruStateBias(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("bias_hh", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_weight_ih")]
    public static nint LstmInputWeight(nint module) => ModuleBindings.Layer(module)!.Shared("weight_ih");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_set_weight_ih")]
    public static void SetLstmInputWeight(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("weight_ih", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_weight_hh")]
    public static nint LstmStateWeight(nint module) => ModuleBindings.Layer(module)!.Shared("weight_hh");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_set_weight_hh")]
    public static void SetLstmStateWeight(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("weight_hh", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_bias_ih")]
    public static nint LstmInputBias(nint module) => ModuleBindings.Layer(module)!.Shared("bias_ih");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_set_bias_ih")]
    public static void SetLstmInputBias(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("bias_ih", tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_bias_hh")]
    public static nint LstmStateBias(nint module) => ModuleBindings.Layer(module)!.Shared("bias_hh");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTMCell_set_bias_hh")]
    public static void SetLstmStateBias(nint module, nint tensor) => ModuleBindings.Layer(module)!.Replace("bias_hh", tensor);

    private static nint New(string name, int gates, long inputs, long hidden, bool isRelu, byte hasBias, nint* boxed)
    {
        var layer = new NativeLayer(new Settings(hidden, isRelu));
        RecurrentBindings.AddOf(layer, "", gates * hidden, inputs, hidden, hasBias);
        return RecurrentBindings.Drawn(layer, hidden) ? ModuleBindings.Of(name, layer, boxed) : 0;
    }

    // A handle that the caller owns.
    private static nint StateOr(nint state, NativeLayer layer, nint input) =>
        state != 0 ? (nint)Word(state) : RecurrentBindings.Zeros(input, [.. Sizes(input)[..^1], ((Settings)layer.Settings).Hidden]);

    private sealed record Settings(long Hidden, bool IsRelu);
}
