using TorchSharp.Modules;

namespace TrainHarness.Training.Pricing;

/// <summary>
/// TorchSharp's layers that the protocol counts nothing for: element by element, statistics over elements, a choice or an order of
/// elements, a lookup. One that compares all pairs (<c>CosineSimilarity</c>, <c>PairwiseDistance</c>, <c>Bilinear</c>) is not among them.
/// </summary>
internal static class FreeLayers
{
    private static readonly HashSet<Type> Kinds =
    [
        // Activations.
        typeof(ReLU),
        typeof(ReLU6),
        typeof(LeakyReLU),
        typeof(PReLU),
        typeof(RReLU),
        typeof(ELU),
        typeof(CELU),
        typeof(SELU),
        typeof(GELU),
        typeof(SiLU),
        typeof(Mish),
        typeof(GLU),
        typeof(Sigmoid),
        typeof(LogSigmoid),
        typeof(Hardsigmoid),
        typeof(Hardswish),
        typeof(Hardtanh),
        typeof(Hardshrink),
        typeof(Softshrink),
        typeof(Tanhshrink),
        typeof(Tanh),
        typeof(Softplus),
        typeof(Softsign),
        typeof(Threshold),
        typeof(Softmax),
        typeof(Softmax2d),
        typeof(Softmin),
        typeof(LogSoftmax),
        // Normalisations.
        typeof(BatchNorm1d),
        typeof(BatchNorm2d),
        typeof(BatchNorm3d),
        typeof(InstanceNorm1d),
        typeof(InstanceNorm2d),
        typeof(InstanceNorm3d),
        typeof(GroupNorm),
        typeof(LayerNorm),
        typeof(LocalResponseNorm),
        // Poolings.
        typeof(MaxPool1d),
        typeof(MaxPool2d),
        typeof(MaxPool3d),
        typeof(AvgPool1d),
        typeof(AvgPool2d),
        typeof(AvgPool3d),
        typeof(LPPool1d),
        typeof(LPPool2d),
        typeof(AdaptiveAvgPool1d),
        typeof(AdaptiveAvgPool2d),
        typeof(AdaptiveAvgPool3d),
        typeof(AdaptiveMaxPool1d),
        typeof(AdaptiveMaxPool2d),
        typeof(AdaptiveMaxPool3d),
        typeof(FractionalMaxPool2d),
        typeof(FractionalMaxPool3d),
        typeof(MaxUnpool1d),
        typeof(MaxUnpool2d),
        typeof(MaxUnpool3d),
        // Dropout.
        typeof(Dropout),
        typeof(Dropout1d),
        typeof(Dropout2d),
        typeof(Dropout3d),
        typeof(AlphaDropout),
        typeof(FeatureAlphaDropout),
        // Shapes, resampling, lookups.
        typeof(Identity),
        typeof(Flatten),
        typeof(Unflatten),
        typeof(Fold),
        typeof(Unfold),
        typeof(Upsample),
        typeof(PixelShuffle),
        typeof(PixelUnshuffle),
        typeof(ChannelShuffle),
        typeof(Embedding),
        typeof(EmbeddingBag),
        // Losses.
        typeof(CrossEntropyLoss),
        typeof(NLLLoss),
        typeof(BCELoss),
        typeof(BCEWithLogitsLoss),
        typeof(MSELoss),
        typeof(L1Loss),
        typeof(SmoothL1Loss),
        typeof(HuberLoss),
        typeof(KLDivLoss),
        typeof(PoissonNLLLoss),
        typeof(GaussianNLLLoss),
        typeof(CTCLoss),
        typeof(SoftMarginLoss),
        typeof(MarginRankingLoss),
        typeof(MultiMarginLoss),
        typeof(MultiLabelMarginLoss),
        typeof(MultiLabelSoftMarginLoss),
        typeof(HingeEmbeddingLoss),
        typeof(CosineEmbeddingLoss),
        typeof(TripletMarginLoss),
        // What only holds others.
        typeof(ParameterList),
        typeof(ParameterDict),
    ];

    private static readonly HashSet<Type> Holders = [typeof(ModuleList<>), typeof(ModuleDict<>)];

    public static bool Contain(Type type) =>
        typeof(Sequential).IsAssignableFrom(type)
        || typeof(PadBase).IsAssignableFrom(type)
        || Kinds.Contains(type)
        || (type.IsGenericType && Holders.Contains(type.GetGenericTypeDefinition()));
}
