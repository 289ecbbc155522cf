using TrainHarness.Compute;
using TrainHarness.Training.Native.Trace;

namespace TrainHarness.Training.Pricing;

/// <summary>What the operators of one step multiplied, by the path of the module that ran them, or whose gradients they are.</summary>
internal sealed class OperatorCount
{
    /// <summary>The path of what ran outside the network.</summary>
    public const string Outside = "";

    private readonly Dictionary<long, RecordedOperator> byId;
    private readonly Dictionary<long, (RecordedOperator Run, string Path)> bySequence = [];
    private readonly Dictionary<long, string> paths = [];
    private readonly HashSet<long> hidden = [];

    // Products element by element, by the tensor that they were put into, until something else is put there.
    private readonly Dictionary<long, RecordedOperator> elementwise = [];
    private readonly long thread;

    private OperatorCount(OperatorTrace trace, ModuleMarks marks)
    {
        byId = trace.Operators.ToDictionary(run => run.Id);
        thread = trace.Operators.FirstOrDefault(run => ModuleMarks.Read(run) is not null)?.Thread
            ?? throw new InvalidOperationException("The network was not called by call: what runs in it cannot be seen.");
        Place(trace, marks);
        foreach (var run in trace.Operators.Where(IsOurs))
        {
            Add(run);
            Follow(run);
        }

        RequireNothingHidden();
    }

    /// <summary>Of forward and of backward passes, by module, each in the order in which they ran.</summary>
    public Dictionary<string, (List<CountedProduct> Forward, List<CountedProduct> Backward)> Products { get; } = [];

    /// <exception cref="NotSupportedException">An operator that may multiply has no formula.</exception>
    public static OperatorCount Of(OperatorTrace trace, ModuleMarks marks) => new(trace, marks);

    /// <summary>The innermost module around every operator of the forward pass.</summary>
    private void Place(OperatorTrace trace, ModuleMarks marks)
    {
        var open = new Stack<string>();
        foreach (var run in trace.Operators.Where(run => run.Thread == thread && run.IsOperator))
        {
            if (ModuleMarks.Read(run) is { } mark)
            {
                if (mark.Begins)
                    open.Push(marks[mark.Index].Path);
                else
                    open.TryPop(out _);
                continue;
            }

            if (Step(run) is not null)
                continue;
            var path = open.TryPeek(out var innermost) ? innermost : Outside;
            paths[run.Id] = path;
            // Of several with one number the last one made the step of the backward pass.
            if (run.Sequence >= 0)
                bySequence[run.Sequence] = (run, path);
        }
    }

    /// <summary>
    /// Those of other threads are other people's, but for the gradients of this one's, which a GPU's own thread computes.
    /// </summary>
    private bool IsOurs(RecordedOperator run) => run.IsOperator && (run.Thread == thread || Step(run)?.ForwardThread == thread);

    private void Add(RecordedOperator run)
    {
        var step = Step(run);
        var (forward, path) =
            step is null ? (null, paths.GetValueOrDefault(run.Id, Outside))
            : bySequence.TryGetValue(step.Sequence, out var found) ? (found.Run, found.Path)
            : (null, Outside);
        // What one that has a formula is made of is in its price, and a grid of points to sample at is no work of a network.
        if (Around(run).Any(outer => OperatorFormulas.Price(outer, []) is not null || outer.Name == "aten::affine_grid_generator"))
            return;
        if (OperatorFormulas.Price(run, forward is null ? [] : [forward, .. Around(forward)]) is { } macs)
        {
            // What encloses it is accounted for.
            hidden.ExceptWith(Around(run).Select(outer => outer.Id));
            if (macs != Macs.Zero)
                Of(path, step is null).Add(new CountedProduct(macs, run.Words));
        }
        else if (OperatorFormulas.Hides(run))
        {
            hidden.Add(run.Id);
        }
        else if (step is null && path != Outside && OperatorFormulas.IsOuterProduct(run))
        {
            throw new NotSupportedException(
                $"'{path}': {run.Words} multiplies every element of one factor by every element of the other, which with a sum behind "
                    + $"it is a matrix product. "
                    + "Write it with matmul or einsum, whose products are counted."
            );
        }
    }

    /// <summary>A product of matrices may be written element by element, with a sum behind it.</summary>
    private void Follow(RecordedOperator run)
    {
        if (paths.GetValueOrDefault(run.Id, Outside) is not { } path || path == Outside)
            return;
        if (
            OperatorFormulas.IsSum(run)
            && elementwise.TryGetValue(run.TensorId(0), out var product)
            && OperatorFormulas.IsContraction(product, run)
        )
        {
            throw new NotSupportedException(
                $"'{path}': {product.Words} with {run.Name} behind it is a matrix product. Write it with matmul or einsum, whose products "
                    + $"are counted; what is only hidden, with masked_fill."
            );
        }

        foreach (var tensor in run.OutputTensorIds)
        {
            if (OperatorFormulas.IsElementwiseProduct(run))
                elementwise[tensor] = run;
            else
                elementwise.Remove(tensor);
        }
    }

    private List<CountedProduct> Of(string path, bool isForward)
    {
        if (!Products.TryGetValue(path, out var both))
            Products[path] = both = ([], []);
        return isForward ? both.Forward : both.Backward;
    }

    private void RequireNothingHidden()
    {
        if (hidden.Count == 0)
            return;
        var run = byId[hidden.Min()];
        var path = paths.GetValueOrDefault(run.Id, Outside);
        throw new NotSupportedException(
            $"{(path == Outside ? "In the backward pass, or outside the network" : $"'{path}'")}: {run.Words} may multiply, and no "
                + $"formula says how much. "
                + "Write it with matmul, einsum, convolutions or linear layers, whose products are counted."
        );
    }

    /// <summary>The step of the backward pass that an operator runs in; null in the forward pass.</summary>
    private RecordedOperator? Step(RecordedOperator run) =>
        Around(run).FirstOrDefault(outer => !outer.IsOperator && outer.Sequence >= 0 && outer.ForwardThread != 0)
        ?? Around(run).FirstOrDefault(outer => outer.Name.StartsWith("autograd::engine::evaluate_function", StringComparison.Ordinal));

    private IEnumerable<RecordedOperator> Around(RecordedOperator run)
    {
        while (byId.TryGetValue(run.Parent, out var outer) && outer.Id != run.Id)
            yield return run = outer;
    }
}

/// <summary>The products of one operator.</summary>
/// <param name="Words">Its name and its shapes.</param>
internal sealed record CountedProduct(Macs Macs, string Words);
