using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Checkpoints;

public class TensorFileTests
{
    [Fact]
    public void Weights_in_channels_last_order_load_into_a_network_of_either_order_which_keeps_its_own()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("conv", nn.Conv2d(3, 8, 3)), ("norm", nn.BatchNorm2d(8)));
        ChannelsLast.Apply(network);
        var stream = Saved(network.state_dict());
        using var plain = nn.Sequential(("conv", nn.Conv2d(3, 8, 3)), ("norm", nn.BatchNorm2d(8)));
        using var laid = nn.Sequential(("conv", nn.Conv2d(3, 8, 3)), ("norm", nn.BatchNorm2d(8)));
        ChannelsLast.Apply(laid);

        foreach (var other in (nn.Module[])[plain, laid])
        {
            stream.Position = 0;
            TensorFile.Load(other.state_dict(), stream);
            Assert.Equal(stream.Length, stream.Position);
            Assert.All(network.state_dict(), entry =>
                Assert.True(entry.Value.equal(other.state_dict()[entry.Key]).all().item<bool>(), entry.Key)
            );
        }

        Assert.Equal([27, 9, 3, 1], plain.state_dict()["conv.weight"].stride());
        Assert.Equal([27, 1, 9, 3], laid.state_dict()["conv.weight"].stride());
    }

    [Fact]
    public void Another_name_shape_type_or_number_of_tensors_is_refused()
    {
        using var scope = NewDisposeScope();
        var saved = Saved(new Dictionary<string, Tensor> { ["a"] = zeros(3) });
        Dictionary<string, Tensor>[] others =
        [
            new() { ["b"] = zeros(3) },
            new() { ["a"] = zeros(4) },
            new() { ["a"] = zeros(3, ScalarType.Float64) },
            new() { ["a"] = zeros(3), ["b"] = zeros(3) },
        ];
        Assert.All(others, other =>
        {
            saved.Position = 0;
            Assert.Throws<InvalidDataException>(() => TensorFile.Load(other, saved));
        });
    }

    private static MemoryStream Saved(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var stream = new MemoryStream();
        TensorFile.Save(tensors, stream);
        return stream;
    }
}
