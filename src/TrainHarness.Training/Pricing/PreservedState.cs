using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>Puts the buffers of a network (running statistics) and the CPU's random generator back as they were when disposed of.</summary>
internal sealed class PreservedState : IDisposable
{
    private readonly Tensor generator;
    private readonly (Tensor Buffer, Tensor Copy)[] buffers;

    public PreservedState(nn.Module? network = null)
    {
        using var withoutGradients = no_grad();
        buffers = [.. (network?.named_buffers() ?? []).Select(buffer => (buffer.buffer, buffer.buffer.clone().DetachFromDisposeScope()))];
        // Held: TorchSharp's own get_rng_state and set_rng_state let go of the generator during the call.
        using var ofTheCpu = Generator.Default;
        generator = ofTheCpu.get_state().DetachFromDisposeScope();
    }

    public void Dispose()
    {
        using var withoutGradients = no_grad();
        foreach (var (buffer, copy) in buffers)
        {
            buffer.copy_(copy);
            copy.Dispose();
        }

        using var ofTheCpu = Generator.Default;
        ofTheCpu.set_state(generator);
        generator.Dispose();
    }
}
