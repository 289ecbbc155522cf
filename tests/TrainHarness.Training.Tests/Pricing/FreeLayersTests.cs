using TorchSharp.Modules;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

public class FreeLayersTests
{
    private static readonly string[] Priced =
    [
        nameof(Linear),
        nameof(Conv1d),
        nameof(Conv2d),
        nameof(Conv3d),
        nameof(ConvTranspose1d),
        nameof(ConvTranspose2d),
        nameof(ConvTranspose3d),
        nameof(RNN),
        nameof(GRU),
        nameof(LSTM),
        nameof(RNNCell),
        nameof(GRUCell),
        nameof(LSTMCell),
        nameof(MultiheadAttention),
    ];

    // They multiply all pairs, or hide layers within libtorch that no hook sees, or run what somebody else wrote.
    private static readonly string[] Refused =
    [
        nameof(Bilinear),
        nameof(CosineSimilarity),
        nameof(PairwiseDistance),
        nameof(TripletMarginWithDistanceLoss),
        nameof(Transformer),
        nameof(TransformerEncoder),
        nameof(TransformerEncoderLayer),
        nameof(TransformerDecoder),
        nameof(TransformerDecoderLayer),
    ];

    [Fact]
    public void Every_module_of_TorchSharp_is_priced_or_free_or_refused_on_purpose()
    {
        var unknown = typeof(Linear)
            .Assembly.GetExportedTypes()
            .Where(type => type.Namespace == typeof(Linear).Namespace && !type.IsAbstract && typeof(nn.Module).IsAssignableFrom(type))
            .Where(type => !FreeLayers.Contain(type))
            .Select(type => type.Name);

        Assert.Equal(Priced.Concat(Refused).Order(StringComparer.Ordinal), unknown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Layers_that_multiply_no_matrices_cost_nothing()
    {
        using var network = nn.Sequential(
            nn.Conv2d(3, 4, 1),
            nn.Mish(),
            nn.PReLU(4),
            nn.Hardsigmoid(),
            nn.Softplus(),
            nn.ELU(),
            nn.InstanceNorm2d(4),
            nn.GroupNorm(2, 4),
            nn.ReflectionPad2d(1),
            nn.Upsample(scale_factor: [2, 2]),
            nn.PixelUnshuffle(2),
            nn.PixelShuffle(2),
            nn.GLU(1),
            nn.Dropout2d(),
            nn.LPPool2d(2, 2),
            nn.Flatten(),
            nn.Unflatten(1, [2, -1]),
            nn.AdaptiveMaxPool1d(5),
            nn.AlphaDropout(),
            nn.Identity()
        );

        Assert.Equal(["0"], NetworkPricer.Price(network, zeros(2, 3, 6, 6)).Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void Bags_of_lookups_cost_nothing()
    {
        using var bag = nn.EmbeddingBag(10, 4);

        Assert.Empty(NetworkPricer.Price(bag, 2, () => bag.call(zeros(2, 3, dtype: ScalarType.Int64))).Layers);
    }

    [Fact]
    public void A_layer_that_multiplies_all_pairs_says_what_to_write()
    {
        using var bilinear = nn.Bilinear(2, 3, 4);

        var exception = Assert.Throws<NotSupportedException>(() => NetworkPricer.Price(bilinear, 1, () => { }));

        Assert.Contains("implements IPricedModule", exception.Message, StringComparison.Ordinal);
    }
}
