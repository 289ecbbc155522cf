using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>A line for every tenth of a dataset that is packed, or checked where that takes long, and for what is wrong with it.</summary>
internal sealed class PackingLines(string dataset, TextWriter output) : IProgress<PreparationProgress>
{
    private readonly Lock gate = new();
    private int tenth;
    private bool isCheck;

    public void Report(PreparationProgress value)
    {
        lock (gate)
        {
            if (value.Rejected is { } reason)
                output.WriteLine($"The stored {dataset} is made anew: {reason}");
            if (value.Unreadable is { } unreadable)
                output.WriteLine($"Unreadable: {unreadable}");
            if (value.IsCheck != isCheck)
                (isCheck, tenth) = (value.IsCheck, 0);
            var now = value.Total == 0 ? 10 : (int)(10L * value.Done / value.Total);
            if (now <= tenth)
                return;
            tenth = now;
            output.WriteLine($"{(isCheck ? "Checking" : "Packing")} {dataset}: {value.Done} of {value.Total} images");
        }
    }
}
