using TrainHarness.Training.Checkpoints;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>The network that has passed the gate last, and plays until another does.</summary>
internal sealed class BestNetwork : ISavedState, IDisposable
{
    /// <param name="network">Takes the place of the latest, whose weights it gets.</param>
    public BestNetwork(BoardNetwork network, BoardNetwork latest)
    {
        Network = network;
        network.eval();
        Take(latest);
    }

    /// <summary>In evaluation mode.</summary>
    public BoardNetwork Network { get; }

    public IReadOnlyDictionary<string, Tensor> State => Network.state_dict();

    /// <summary>The latest has passed the gate.</summary>
    public void Take(BoardNetwork latest)
    {
        using var noGradient = no_grad();
        var weights = latest.state_dict();
        foreach (var (name, weight) in Network.state_dict())
            weight.copy_(weights[name]);
    }

    public void ResumeAfter(long steps)
    {
        // Weights and buffers are all that there is to them.
    }

    public void Dispose() => Network.Dispose();
}
