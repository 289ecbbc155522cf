using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Stochastic gradient descent over all parameters in one operator (<c>aten::_fused_sgd_</c>), which TorchSharp does not bind;
/// its own optimizer makes three to five calls for each parameter.
/// </summary>
/// <param name="parameters">With gradients when a step is taken.</param>
/// <param name="momentumBuffers">One for each parameter, of its shape, type and memory layout; none where there is no momentum.</param>
internal sealed class FusedSgd(Tensor[] parameters, Tensor[] momentumBuffers)
{
    // With this momentum the dispatcher has taken a step, so that libtorch will not refuse another one.
    private double? taken;

    /// <inheritdoc cref="Step(IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, double, double, double, bool, bool)"/>
    public void Step(double weightDecay, double momentum, double learningRate, bool nesterov, bool isFirstStep)
    {
        using var withoutGradients = no_grad();
        if (momentum == taken)
        {
            FusedOperators.Sgd(parameters, momentumBuffers, weightDecay, momentum, learningRate, nesterov, isFirstStep);
            return;
        }

        using var scope = NewDisposeScope();
        Step(parameters, Dispatcher.Gradients(parameters), momentumBuffers, weightDecay, momentum, learningRate, nesterov, isFirstStep);
        taken = FusedOperators.AreAvailable ? momentum : null;
    }

    /// <summary>
    /// One step in place: <c>g += weightDecay·p; b = momentum·b + g; p -= learningRate·(nesterov ? g + momentum·b : b)</c>.
    /// </summary>
    /// <param name="gradients">One for each parameter, of its shape, type and memory layout.</param>
    /// <param name="momentumBuffers">Likewise, and updated; empty where <paramref name="momentum"/> is 0.</param>
    /// <param name="isFirstStep">The buffers hold nothing yet and are set to the gradients.</param>
    /// <exception cref="ArgumentException">The lists do not match.</exception>
    /// <exception cref="InvalidOperationException">libtorch refused; its message is on stderr.</exception>
    public static void Step(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> gradients,
        IReadOnlyList<Tensor> momentumBuffers,
        double weightDecay,
        double momentum,
        double learningRate,
        bool nesterov,
        bool isFirstStep
    )
    {
        Dispatcher.RequireMatch(parameters, gradients, nameof(gradients));
        if (momentum != 0 || momentumBuffers.Count > 0)
            Dispatcher.RequireMatch(parameters, momentumBuffers, nameof(momentumBuffers));

        // _fused_sgd_(Tensor[] self, Tensor[] grads, Tensor[] momentum_buffer_list, *, float weight_decay, float momentum, float lr,
        //   float dampening, bool nesterov, bool maximize, bool is_first_step, Tensor? grad_scale, Tensor? found_inf) -> ()
        using var withoutGradients = no_grad();
        Dispatcher.Call(
            "aten::_fused_sgd_\0"u8,
            [
                Dispatcher.Word(parameters),
                Dispatcher.Word(gradients),
                Dispatcher.Word(momentumBuffers),
                Dispatcher.Word(weightDecay),
                Dispatcher.Word(momentum),
                Dispatcher.Word(learningRate),
                Dispatcher.Word(0.0),
                Dispatcher.Word(nesterov),
                Dispatcher.Word(false),
                Dispatcher.Word(isFirstStep),
                Dispatcher.None,
                Dispatcher.None,
            ]
        );
    }
}
