using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>Takes the gradients away from a network, and puts them back when disposed of.</summary>
internal sealed class PreservedGradients : IDisposable
{
    private readonly (TorchSharp.Modules.Parameter Parameter, Tensor? Gradient)[] parameters;

    public PreservedGradients(nn.Module network)
    {
        parameters = [.. network.parameters().Select(parameter => (parameter, parameter.grad?.DetachFromDisposeScope()))];
        Clear();
    }

    public void Dispose()
    {
        Clear();
        foreach (var (parameter, gradient) in parameters.Where(one => one.Gradient is not null))
        {
            parameter.grad = gradient;
            gradient!.Dispose();
        }
    }

    private void Clear()
    {
        foreach (var (parameter, _) in parameters)
            parameter.grad = null;
    }
}
