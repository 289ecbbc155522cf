using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>Adam with decoupled weight decay (arXiv:1711.05101) over all parameters in one operator (<c>aten::_fused_adamw_</c>).</summary>
/// <param name="parameters">With gradients when a step is taken.</param>
/// <param name="means">One for each parameter, of its shape, type and memory layout.</param>
/// <param name="squares">Likewise.</param>
internal sealed class FusedAdamW(Tensor[] parameters, Tensor[] means, Tensor[] squares)
{
    // A step by the dispatcher, so that libtorch will not refuse another one.
    private bool wasTaken;

    /// <inheritdoc cref="Step(IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, Tensor, double, double, double, double, double)"/>
    public void Step(Tensor step, double learningRate, double beta1, double beta2, double weightDecay, double epsilon)
    {
        using var withoutGradients = no_grad();
        if (wasTaken && step.dtype == ScalarType.Float32 && step.numel() == 1)
        {
            FusedOperators.AdamW(parameters, means, squares, step, learningRate, beta1, beta2, weightDecay, epsilon);
            return;
        }

        using var scope = NewDisposeScope();
        Step(parameters, Dispatcher.Gradients(parameters), means, squares, step, learningRate, beta1, beta2, weightDecay, epsilon);
        wasTaken = FusedOperators.AreAvailable;
    }

    /// <summary>
    /// One step in place: <c>p -= learningRate·weightDecay·p; m = beta1·m + (1 − beta1)·g; v = beta2·v + (1 − beta2)·g²;
    /// p -= learningRate·(m / (1 − beta1ᵗ)) / (√(v / (1 − beta2ᵗ)) + epsilon)</c>.
    /// </summary>
    /// <param name="gradients">One for each parameter, of its shape, type and memory layout.</param>
    /// <param name="means">m, likewise, and updated; zero before the first step.</param>
    /// <param name="squares">v, likewise.</param>
    /// <param name="step">t, this step counted: a float32 scalar on the parameters' device.</param>
    /// <exception cref="ArgumentException">The lists do not match.</exception>
    /// <exception cref="InvalidOperationException">libtorch refused; its message is on stderr.</exception>
    public static void Step(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> gradients,
        IReadOnlyList<Tensor> means,
        IReadOnlyList<Tensor> squares,
        Tensor step,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        double epsilon
    )
    {
        Dispatcher.RequireMatch(parameters, gradients, nameof(gradients));
        Dispatcher.RequireMatch(parameters, means, nameof(means));
        Dispatcher.RequireMatch(parameters, squares, nameof(squares));
        if (step.dtype != ScalarType.Float32 || step.numel() != 1)
            throw new ArgumentException("The step is not a float32 scalar.", nameof(step));

        // _fused_adamw_(Tensor[] self, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs, Tensor[] max_exp_avg_sqs, Tensor[]
        // state_steps, *,
        // float lr, float beta1, float beta2, float weight_decay, float eps, bool amsgrad, bool maximize, Tensor? grad_scale, Tensor?
        // found_inf) -> () The steps are only read, so one tensor stands for all.
        using var withoutGradients = no_grad();
        Dispatcher.Call(
            "aten::_fused_adamw_\0"u8,
            [
                Dispatcher.Word(parameters),
                Dispatcher.Word(gradients),
                Dispatcher.Word(means),
                Dispatcher.Word(squares),
                Dispatcher.Word([]),
                Dispatcher.Word([.. Enumerable.Repeat(step, parameters.Count)]),
                Dispatcher.Word(learningRate),
                Dispatcher.Word(beta1),
                Dispatcher.Word(beta2),
                Dispatcher.Word(weightDecay),
                Dispatcher.Word(epsilon),
                Dispatcher.Word(false),
                Dispatcher.Word(false),
                Dispatcher.None,
                Dispatcher.None,
            ]
        );
    }
}
