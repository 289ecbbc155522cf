using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>A table of vectors, looked up by number (torch/nn/modules/embedding.h).</summary>
internal static unsafe class EmbeddingBindings
{
    private const string Weight = "weight";

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Embedding_ctor")]
    public static nint New(
        long count,
        long width,
        long padding,
        byte hasPadding,
        double maximumNorm,
        byte hasMaximumNorm,
        double normType,
        byte scalesByFrequency,
        byte isSparse,
        nint* boxed
    )
    {
        var settings = Settings.Of(count, padding, hasPadding, maximumNorm, hasMaximumNorm, normType, scalesByFrequency, isSparse);
        var layer = new NativeLayer(settings);
        var weight = layer.Add(Weight, count, width);
        if (weight == 0)
            return 0;
        InitialisationBindings.DrawNormal(weight, 0, 1);
        if (settings.Padding >= 0)
            InitialisationBindings.Unrecorded(() => ClearRow(weight, settings.Padding));
        return ModuleBindings.Of("torch::nn::EmbeddingImpl", layer, boxed);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Embedding_from_pretrained")]
    public static nint OfVectors(
        nint vectors,
        byte freezes,
        long padding,
        byte hasPadding,
        double maximumNorm,
        byte hasMaximumNorm,
        double normType,
        byte scalesByFrequency,
        byte isSparse,
        nint* boxed
    )
    {
        if (Sizes(vectors) is not [var count, _])
            return Fail("embedding: a table of vectors is needed (count × width)");
        var settings = Settings.Of(count, padding, hasPadding, maximumNorm, hasMaximumNorm, normType, scalesByFrequency, isSparse);
        var layer = new NativeLayer(settings);
        layer.Add(Weight, (nint)Word(vectors));
        Check(LibtorchApi.SetRequiresGradient(vectors, (byte)(freezes != 0 ? 0 : 1)));
        return ModuleBindings.Of("torch::nn::EmbeddingImpl", layer, boxed);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Embedding_weight")]
    public static nint GetWeight(nint module) => ModuleBindings.Layer(module)!.Shared(Weight);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Embedding_set_weight")]
    public static void SetWeight(nint module, nint weight) => ModuleBindings.Layer(module)!.Replace(Weight, weight);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Embedding_forward")]
    public static nint Forward(nint module, nint indices)
    {
        var layer = ModuleBindings.Layer(module)!;
        var settings = (Settings)layer.Settings;
        var weight = layer[Weight];
        if (settings.MaximumNorm is { } norm)
        {
            InitialisationBindings.Unrecorded(() =>
                Do("aten::embedding_renorm_"u8, Word(weight), Word(indices), Word(norm), Word(settings.NormType))
            );
        }

        return Call(
            "aten::embedding"u8,
            Word(weight),
            Word(indices),
            Word(settings.Padding),
            Flag(settings.ScalesByFrequency),
            Flag(settings.IsSparse)
        );
    }

    private static void ClearRow(nint weight, long row)
    {
        var place = CallOverload("aten::select"u8, "int"u8, Word(weight), 0, Word(row));
        if (place != 0)
            Do("aten::zero_"u8, (ulong)place);
    }

    /// <param name="Padding">The row that learns nothing; -1 where there is none.</param>
    private sealed record Settings(long Padding, double? MaximumNorm, double NormType, byte ScalesByFrequency, byte IsSparse)
    {
        // A row may be counted from the end.
        public static Settings Of(
            long count,
            long padding,
            byte hasPadding,
            double maximumNorm,
            byte hasMaximumNorm,
            double normType,
            byte scalesByFrequency,
            byte isSparse
        ) =>
            new(
                hasPadding == 0 ? -1
                    : padding < 0 ? count + padding
                    : padding,
                hasMaximumNorm == 0 ? null : maximumNorm,
                normType,
                scalesByFrequency,
                isSparse
            );
    }
}
