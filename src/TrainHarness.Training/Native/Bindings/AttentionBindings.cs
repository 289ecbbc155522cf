using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>
/// Multi-head attention over positions × examples × width, composed as libtorch's own class composes it (torch/nn/functional/activation.h).
/// </summary>
internal static unsafe class AttentionBindings
{
    private const long ConstantPadding = 3;

    [UnmanagedCallersOnly(EntryPoint = "THSNN_MultiheadAttention_ctor")]
    public static nint New(
        long width,
        long heads,
        double dropout,
        byte hasBias,
        byte addsLearned,
        byte addsZeros,
        long keyWidth,
        long valueWidth,
        nint* boxed
    )
    {
        if (heads < 1 || width % heads != 0)
            return Fail("attention: the width must be a multiple of the heads");
        var layer = new NativeLayer(new Settings(width, heads, dropout, addsZeros != 0));
        string[] projections =
            keyWidth == width && valueWidth == width ? ["in_proj_weight"] : ["q_proj_weight", "k_proj_weight", "v_proj_weight"];
        if (projections.Length == 1)
            layer.Add(projections[0], 3 * width, width);
        else
            Add(layer, projections, width, [width, keyWidth, valueWidth]);
        if (hasBias != 0)
            layer.Add("in_proj_bias", 3 * width);
        string[] learned = addsLearned != 0 ? ["bias_k", "bias_v"] : [];
        Add(layer, learned, 1, [1, 1], width);
        layer.Add("out_proj.weight", width, width);
        if (hasBias != 0)
            layer.Add("out_proj.bias", width);
        if (layer.Tensors.Contains(0))
            return 0;

        // First what a linear layer draws, then what attention draws over it.
        var bound = 1 / Math.Sqrt(width);
        InitialisationBindings.DrawUniform(layer["out_proj.weight"], -bound, bound);
        if (hasBias != 0)
            InitialisationBindings.DrawUniform(layer["out_proj.bias"], -bound, bound);
        foreach (var name in projections)
            InitialisationBindings.DrawXavierUniform(layer[name], 1);
        string[] biases = hasBias != 0 ? ["in_proj_bias", "out_proj.bias"] : [];
        foreach (var name in biases)
            InitialisationBindings.Unrecorded(() => Do("aten::zero_"u8, Word(layer[name])));
        foreach (var name in learned)
            InitialisationBindings.DrawXavierNormal(layer[name], 1);
        return ModuleBindings.Of("torch::nn::MultiheadAttentionImpl", layer, boxed);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_MultiheadAttention_forward")]
    public static void Forward(
        nint module,
        nint query,
        nint key,
        nint value,
        nint padding,
        byte needsWeights,
        nint mask,
        nint* output,
        nint* weights
    )
    {
        (*output, *weights) = (0, 0);
        if (Sizes(query) is not [_, var examples, var width] || Sizes(key).Length != 3 || !Sizes(key).SequenceEqual(Sizes(value)))
        {
            Fail("attention: positions × examples × width are needed, of keys and values alike");
            return;
        }

        var layer = ModuleBindings.Layer(module)!;
        using var run = new Run(layer, (Settings)layer.Settings, examples);
        if (width != run.Settings.Width)
        {
            Fail($"attention: queries are {width} wide and not {run.Settings.Width}");
            return;
        }

        (*output, *weights) = run.Attend(query, key, value, padding, mask, ModuleBindings.Trains(module), needsWeights != 0);
    }

    private static void Add(NativeLayer layer, string[] names, long rows, long[] columns, params long[] more)
    {
        foreach (var (name, width) in names.Zip(columns))
            layer.Add(name, [rows, width, .. more]);
    }

    private sealed record Settings(long Width, long Heads, double Dropout, bool AddsZeros);

    /// <summary>One forward pass; what it makes on the way is deleted at its end.</summary>
    private sealed class Run(NativeLayer layer, Settings settings, long examples) : IDisposable
    {
        private readonly List<nint> made = [];

        public Settings Settings => settings;

        public (nint Output, nint Weights) Attend(nint query, nint key, nint value, nint padding, nint mask, bool trains, bool needsWeights)
        {
            var targets = Sizes(query)[0];
            var (q, k, v) = Projected(query, key, value);
            q = Keep(CallOverload("aten::mul"u8, "Tensor"u8, Use(q), Scale(q)));
            (k, v, mask, padding) = WithAdded(k, v, mask, padding);
            (q, k, v) = (Heads(q), Heads(k), Heads(v));
            if (k == 0 || v == 0)
                return default;
            var sources = Sizes(k)[1];
            var turned = Keep(CallOverload("aten::transpose"u8, "int"u8, Use(k), Word(1L), Word(2L)));
            var scores = Keep(Call("aten::bmm"u8, Use(q), Use(turned)));
            scores = Masked(scores, mask);
            scores = Padded(scores, padding, targets, sources);
            scores = Keep(CallOverload("aten::softmax"u8, "int"u8, Use(scores), Word(-1L), Dispatcher.None));
            scores = Keep(Call("aten::dropout"u8, Use(scores), Word(settings.Dropout), trains ? 1UL : 0UL));
            var mixed = Keep(Call("aten::bmm"u8, Use(scores), Use(v)));
            mixed = Keep(CallOverload("aten::transpose"u8, "int"u8, Use(mixed), 0, Word(1L)));
            mixed = Keep(Call("aten::contiguous"u8, Use(mixed), 0));
            mixed = Keep(Call("aten::view"u8, Use(mixed), List(targets, examples, settings.Width)));
            var output = Call("aten::linear"u8, Use(mixed), Word(layer["out_proj.weight"]), WordOrNone(layer["out_proj.bias"]));
            return (output, needsWeights && output != 0 ? Averaged(scores, targets, sources) : 0);
        }

        public void Dispose() => made.ForEach(Delete);

        private nint Keep(nint tensor)
        {
            if (tensor != 0)
                made.Add(tensor);
            return tensor;
        }

        // After a failure no operator is called, and no argument is looked at.
        private static ulong Use(nint tensor) => tensor == 0 ? 0 : Word(tensor);

        private ulong Scale(nint beside)
        {
            var scalar = NativeScalar.Of(1 / Math.Sqrt(settings.Width / settings.Heads));
            var operand = beside == 0 ? 0 : ScalarBindings.Operand(scalar, beside);
            NativeMemory.AlignedFree((void*)scalar);
            return operand;
        }

        // Inputs that are the same tensor go through one product, as libtorch's do: the last digits depend on it.
        private (nint Query, nint Key, nint Value) Projected(nint query, nint key, nint value)
        {
            if (layer["in_proj_weight"] == 0)
                return (Alone(query, 0, "q_proj_weight"), Alone(key, 1, "k_proj_weight"), Alone(value, 2, "v_proj_weight"));
            if (!AreOne(key, value))
                return (Together(query, 0, 1), Together(key, 1, 1), Together(value, 2, 1));
            if (!AreOne(query, key))
            {
                var memory = Together(key, 1, 2);
                return (Together(query, 0, 1), Part(memory, 0), Part(memory, 1));
            }

            var all = Linear(query, layer["in_proj_weight"], 0, 3);
            return (Part(all, 0), Part(all, 1), Part(all, 2));
        }

        private static bool AreOne(nint one, nint other) => Implementation(one) == Implementation(other);

        private nint Alone(nint input, int part, string name) => Linear(input, layer[name], part, 1);

        private nint Together(nint input, int part, int parts) => Linear(input, Rows("in_proj_weight", part, parts), part, parts);

        private nint Linear(nint input, nint weight, int part, int parts)
        {
            var bias = layer["in_proj_bias"] == 0 ? 0 : Rows("in_proj_bias", part, parts);
            return Keep(Call("aten::linear"u8, Word(input), Use(weight), WordOrNone(bias)));
        }

        private nint Rows(string name, int part, int parts) =>
            Keep(Call("aten::narrow"u8, Word(layer[name]), 0, Word(part * settings.Width), Word(parts * settings.Width)));

        private nint Part(nint projected, int part) =>
            Keep(Call("aten::narrow"u8, Use(projected), Word(-1L), Word(part * settings.Width), Word(settings.Width)));

        // A learned position and one of zeros, which nothing masks.
        private (nint Key, nint Value, nint Mask, nint Padding) WithAdded(nint key, nint value, nint mask, nint padding)
        {
            if (layer["bias_k"] != 0)
            {
                nint Repeated(string name) => Keep(Call("aten::repeat"u8, Word(layer[name]), List(1, examples, 1)));
                (key, value) = (Joined(key, Repeated("bias_k")), Joined(value, Repeated("bias_v")));
                (mask, padding) = (Widened(mask), Widened(padding));
            }

            if (!settings.AddsZeros)
                return (key, value, mask, padding);
            var zeros = key == 0 ? 0 : Keep(RecurrentBindings.Zeros(key, 1, examples, settings.Width));
            return (Joined(key, zeros), Joined(value, zeros), Widened(mask), Widened(padding));
        }

        private nint Joined(nint one, nint other)
        {
            if (one == 0 || other == 0)
                return 0;
            var both = stackalloc nint[] { one, other };
            return Keep(Call("aten::cat"u8, TensorList((nint)both, 2), 0));
        }

        private nint Widened(nint mask) =>
            mask == 0 ? 0 : Keep(Call("aten::_pad_enum"u8, Word(mask), List([0L, 1L]), Word(ConstantPadding), Present(Word(0.0))));

        private nint Heads(nint tensor)
        {
            tensor = tensor == 0 ? 0 : Keep(Call("aten::contiguous"u8, Word(tensor), 0));
            tensor = Keep(Call("aten::view"u8, Use(tensor), List(-1, examples * settings.Heads, settings.Width / settings.Heads)));
            return Keep(CallOverload("aten::transpose"u8, "int"u8, Use(tensor), 0, Word(1L)));
        }

        // Added, whatever its type: libtorch's class adds 1 where a truth value would hide, unlike Python's.
        private nint Masked(nint scores, nint mask)
        {
            if (mask == 0 || scores == 0)
                return scores;
            var wide = Keep(Call("aten::unsqueeze"u8, Word(mask), 0));
            return wide == 0 ? 0 : Keep(ArithmeticBindings.Sum(scores, wide, ScalarBindings.One, isDifference: false));
        }

        private nint Padded(nint scores, nint padding, long targets, long sources)
        {
            if (padding == 0 || scores == 0)
                return scores;
            scores = Keep(Call("aten::view"u8, Word(scores), List(examples, settings.Heads, targets, sources)));
            var wide = Keep(Call("aten::view"u8, Word(padding), List(examples, 1, 1, sources)));
            scores = scores == 0 || wide == 0 ? 0 : Hidden(scores, wide);
            return Keep(Call("aten::view"u8, Use(scores), List(examples * settings.Heads, targets, sources)));
        }

        private nint Hidden(nint scores, nint mask)
        {
            var truth = Keep(CreationBindings.Converted((nint)Word(mask), ElementType.Boolean, Device(mask).Type, Device(mask).Index));
            var lowest = NativeScalar.Of(double.NegativeInfinity);
            var value = ScalarBindings.Value(lowest);
            NativeMemory.AlignedFree((void*)lowest);
            return Keep(CallOverload("aten::masked_fill"u8, "Tensor"u8, Word(scores), Use(truth), value));
        }

        private nint Averaged(nint scores, long targets, long sources)
        {
            var byHead = Keep(Call("aten::view"u8, Word(scores), List(examples, settings.Heads, targets, sources)));
            var sum = Keep(CallOverload("aten::sum"u8, "dim_IntList"u8, Use(byHead), Present(List(1)), 0, Dispatcher.None));
            if (sum == 0)
                return 0;
            var heads = NativeScalar.Of(settings.Heads);
            var average = CallOverload("aten::div"u8, "Tensor"u8, Word(sum), ScalarBindings.Operand(heads, sum));
            NativeMemory.AlignedFree((void*)heads);
            return average;
        }
    }
}
