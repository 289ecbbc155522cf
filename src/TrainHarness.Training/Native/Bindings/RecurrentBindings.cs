using System.Runtime.InteropServices;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Recurrent layers over whole sequences (torch/nn/modules/rnn.h).</summary>
internal static unsafe class RecurrentBindings
{
    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNN_ctor")]
    public static nint NewRnn(
        long inputs,
        long hidden,
        long layers,
        long activation,
        byte hasBias,
        byte batchFirst,
        double dropout,
        byte isBidirectional,
        nint* boxed
    ) => New("torch::nn::RNNImpl", 1, new(inputs, hidden, layers, activation == 0, hasBias, batchFirst, dropout, isBidirectional), boxed);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRU_ctor")]
    public static nint NewGru(
        long inputs,
        long hidden,
        long layers,
        byte hasBias,
        byte batchFirst,
        double dropout,
        byte isBidirectional,
        nint* boxed
    ) => New("torch::nn::GRUImpl", 3, new(inputs, hidden, layers, false, hasBias, batchFirst, dropout, isBidirectional), boxed);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTM_ctor")]
    public static nint NewLstm(
        long inputs,
        long hidden,
        long layers,
        byte hasBias,
        byte batchFirst,
        double dropout,
        byte isBidirectional,
        nint* boxed
    ) => New("torch::nn::LSTMImpl", 4, new(inputs, hidden, layers, false, hasBias, batchFirst, dropout, isBidirectional), boxed);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNN_forward")]
    public static nint Rnn(nint module, nint input, nint state, nint* lastState)
    {
        var settings = (Settings)ModuleBindings.Layer(module)!.Settings;
        return WithState(
            settings,
            input,
            state,
            given =>
            {
                var stack = Stack(module, input, Word(given));
                return TryCall(settings.IsRelu ? "aten::rnn_relu"u8 : "aten::rnn_tanh"u8, "input"u8, stack) ? stack : null;
            },
            lastState
        );
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRU_forward")]
    public static nint Gru(nint module, nint input, nint state, nint* lastState) =>
        WithState(
            (Settings)ModuleBindings.Layer(module)!.Settings,
            input,
            state,
            given =>
            {
                var stack = Stack(module, input, Word(given));
                return TryCall("aten::gru"u8, "input"u8, stack) ? stack : null;
            },
            lastState
        );

    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTM_forward")]
    public static nint Lstm(nint module, nint input, nint state, nint cell, nint* lastState, nint* lastCell)
    {
        *lastCell = 0;
        if (cell != 0 && Misfit((Settings)ModuleBindings.Layer(module)!.Settings, input, cell) is { } misfit)
            return Fail(misfit);
        var lastOfCell = (nint)0;
        var output = WithState(
            (Settings)ModuleBindings.Layer(module)!.Settings,
            input,
            cell == 0 ? 0 : state,
            given =>
            {
                // One state of zeros serves both.
                var states = stackalloc nint[] { given, cell == 0 || state == 0 ? given : cell };
                var stack = Stack(module, input, TensorList((nint)states, 2));
                if (!TryCall("aten::lstm"u8, "input"u8, stack))
                    return null;
                lastOfCell = (nint)stack[2];
                return stack;
            },
            lastState
        );
        *lastCell = lastOfCell;
        return output;
    }

    /// <summary>Weights lie one behind the other only for cuDNN, which copies them itself where they do not.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSNN_RNN_flatten_parameters")]
    public static void FlattenRnn(nint module) { }

    /// <inheritdoc cref="FlattenRnn"/>
    [UnmanagedCallersOnly(EntryPoint = "THSNN_GRU_flatten_parameters")]
    public static void FlattenGru(nint module) { }

    /// <inheritdoc cref="FlattenRnn"/>
    [UnmanagedCallersOnly(EntryPoint = "THSNN_LSTM_flatten_parameters")]
    public static void FlattenLstm(nint module) { }

    private static nint New(string name, int gates, Settings settings, nint* boxed)
    {
        var layer = new NativeLayer(settings);
        for (var index = 0L; index < settings.Layers; index++)
        {
            for (var direction = 0; direction < settings.Directions; direction++)
            {
                var suffix = $"_l{index}{(direction == 0 ? "" : "_reverse")}";
                var inputs = index == 0 ? settings.Inputs : settings.Hidden * settings.Directions;
                AddOf(layer, suffix, gates * settings.Hidden, inputs, settings.Hidden, settings.HasBias);
            }
        }

        return Drawn(layer, settings.Hidden) ? ModuleBindings.Of(name, layer, boxed) : 0;
    }

    /// <summary>The parameters of one layer in one direction, or of one cell.</summary>
    internal static void AddOf(NativeLayer layer, string suffix, long rows, long inputs, long hidden, byte hasBias)
    {
        layer.Add($"weight_ih{suffix}", rows, inputs);
        layer.Add($"weight_hh{suffix}", rows, hidden);
        if (hasBias == 0)
            return;
        layer.Add($"bias_ih{suffix}", rows);
        layer.Add($"bias_hh{suffix}", rows);
    }

    /// <summary>Draws first values between ±1/√hidden.</summary>
    internal static bool Drawn(NativeLayer layer, long hidden)
    {
        if (layer.Tensors.Contains(0))
            return false;
        var bound = hidden > 0 ? 1 / Math.Sqrt(hidden) : 0;
        foreach (var tensor in layer.Tensors)
            InitialisationBindings.DrawUniform(tensor, -bound, bound);
        return true;
    }

    /// <summary>Zeros of the type of another tensor, where it is.</summary>
    internal static nint Zeros(nint beside, params ReadOnlySpan<long> sizes)
    {
        var (deviceType, deviceIndex) = Device(beside);
        var zeros = Empty(sizes, Type(beside), deviceType, deviceIndex);
        return zeros == 0 ? 0 : CreationBindings.Done(zeros, Do("aten::zero_"u8, Word(zeros)));
    }

    private static nint WithState(Settings settings, nint input, nint state, Func<nint, ulong[]?> run, nint* lastState)
    {
        *lastState = 0;
        if (Misfit(settings, input, state) is { } misfit)
            return Fail(misfit);
        var own = state == 0 ? Zeros(input, StateSizes(settings, input)) : 0;
        var results = state != 0 || own != 0 ? run(state == 0 ? own : state) : null;
        Delete(own);
        if (results is null)
            return 0;
        *lastState = (nint)results[1];
        return (nint)results[0];
    }

    // What libtorch's class says no to: its operator reads on without looking.
    private static string? Misfit(Settings settings, nint input, nint state)
    {
        if (Sizes(input) is not [_, _, var features] || features != settings.Inputs)
            return $"recurrence: a sequence of positions × examples × {settings.Inputs} features is needed";
        return state == 0 || Sizes(state).SequenceEqual(StateSizes(settings, input))
            ? null
            : $"recurrence: a state of {string.Join(" × ", StateSizes(settings, input))} is needed";
    }

    private static long[] StateSizes(Settings settings, nint input) =>
        [settings.Layers * settings.Directions, Sizes(input)[settings.BatchFirst != 0 ? 0 : 1], settings.Hidden];

    private static ulong[] Stack(nint module, nint input, ulong state)
    {
        var layer = ModuleBindings.Layer(module)!;
        var settings = (Settings)layer.Settings;
        nint[] weights = [.. layer.Tensors];
        fixed (nint* start = weights)
        {
            return
            [
                Word(input),
                state,
                TensorList((nint)start, weights.Length),
                Flag(settings.HasBias),
                Word(settings.Layers),
                Word(settings.Dropout),
                ModuleBindings.Trains(module) ? 1UL : 0UL,
                Flag(settings.IsBidirectional),
                Flag(settings.BatchFirst),
            ];
        }
    }

    private sealed record Settings(
        long Inputs,
        long Hidden,
        long Layers,
        bool IsRelu,
        byte HasBias,
        byte BatchFirst,
        double Dropout,
        byte IsBidirectional
    )
    {
        public int Directions => IsBidirectional != 0 ? 2 : 1;
    }
}
