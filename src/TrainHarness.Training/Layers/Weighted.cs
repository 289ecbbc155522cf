using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrainHarness.Training.Layers;

/// <summary>
/// The layers that hold nearly all weights of a network, as torch.nn makes them. Where nobody needs the values, as for a price, they are
/// left out: to draw them takes seconds in a large network. Architectures make their layers here; one that does not is only slower to
/// price.
/// </summary>
internal static class Weighted
{
    [ThreadStatic]
    private static bool isUnfilled;

    /// <summary>Whether the network that this thread builds now is to have no values.</summary>
    public static bool IsUnfilled => isUnfilled;

    public static Conv2d Conv2d(
        long inputs,
        long outputs,
        long kernel,
        long stride = 1,
        long padding = 0,
        long groups = 1,
        bool bias = true
    )
    {
        // TorchSharp asks a part of the weight, which nothing else holds, for its size. Weight and bias it takes out of the scope.
        using var scope = NewDisposeScope();
        return nn.Conv2d(inputs, outputs, kernel, stride: stride, padding: padding, groups: groups, bias: bias, device: Place);
    }

    /// <param name="kernel">Height and width, as of the other pairs.</param>
    public static Conv2d Conv2d(long inputs, long outputs, (long, long) kernel, (long, long) stride, (long, long) padding, bool bias = true)
    {
        // As above.
        using var scope = NewDisposeScope();
        return nn.Conv2d(inputs, outputs, kernel, stride: stride, padding: padding, bias: bias, device: Place);
    }

    public static Linear Linear(long inputs, long outputs, bool hasBias = true) => nn.Linear(inputs, outputs, hasBias, device: Place);

    /// <summary>
    /// Builds a network whose weights are whatever lies in memory. For them no random number is drawn and no page is touched.
    /// </summary>
    public static nn.Module<Tensor, Tensor> Unfilled(Func<nn.Module<Tensor, Tensor>> build)
    {
        isUnfilled = true;
        try
        {
            var network = build();
            foreach (var module in network.modules())
                GiveMemory(module);
            return network;
        }
        finally
        {
            isUnfilled = false;
        }
    }

    // A tensor of the meta device has a shape and no memory: to initialise it does nothing.
    private static Device? Place => isUnfilled ? META : null;

    // libtorch has no convolution of the meta device.
    private static void GiveMemory(nn.Module module)
    {
        if (module is Convolution { weight.is_meta: true } convolution)
        {
            convolution.weight = WithMemory(convolution.weight);
            if (convolution.bias is { } bias)
                convolution.bias = WithMemory(bias);
        }
        else if (module is Linear { weight: { is_meta: true } weight } linear)
        {
            linear.weight = WithMemory(weight);
            if (linear.bias is { } bias)
                linear.bias = WithMemory(bias);
        }
    }

    private static Parameter WithMemory(Parameter shape) => nn.Parameter(empty(shape.shape, dtype: shape.dtype), shape.requires_grad);
}
