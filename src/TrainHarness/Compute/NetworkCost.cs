namespace TrainHarness.Compute;

/// <summary>Nominal multiply-adds of one layer for one batch.</summary>
/// <param name="Name">Path of the module in the network, as in the checkpoint: <c>layer1.0.conv1</c>.</param>
/// <param name="Kind"><c>convolution</c>, <c>linear</c>, <c>recurrent</c> or <c>attention</c>.</param>
/// <param name="GradInput">Zero where the layer's input needs no gradient.</param>
/// <param name="GradWeight">Zero where the weight is frozen.</param>
public sealed record LayerCost(string Name, string Kind, Macs Forward, Macs GradInput, Macs GradWeight)
{
    /// <summary>
    /// What the layer does, for a person who compares it with a paper: <c>7×7, stride 2</c>; empty where the kind says it all.
    /// </summary>
    public string Operation { get; init; } = "";

    /// <summary>Shape of the output without the batch: <c>64×112×112</c>.</summary>
    public string Output { get; init; } = "";

    public Macs Training => Forward + GradInput + GradWeight;
}

/// <summary>
/// What one forward and one backward pass over a batch of <paramref name="Examples"/> cost, layer by layer in the order they ran.
/// </summary>
public sealed record NetworkCost(int Examples, IReadOnlyList<LayerCost> Layers)
{
    public Macs Forward { get; } = Macs.Sum(Layers.Select(layer => layer.Forward));

    public Macs GradInput { get; } = Macs.Sum(Layers.Select(layer => layer.GradInput));

    public Macs GradWeight { get; } = Macs.Sum(Layers.Select(layer => layer.GradWeight));

    public Macs Training => Forward + GradInput + GradWeight;
}
