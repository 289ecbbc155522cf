using TrainHarness.Training.Data;

namespace TrainHarness.Cli.Execution;

/// <summary>A line for every tenth of a dataset that is packed, and for what is wrong with it.</summary>
internal sealed class PackingLines(string dataset, TextWriter output) : IProgress<PackProgress>
{
    private readonly Lock gate = new();
    private int tenth;

    public void Report(PackProgress value)
    {
        lock (gate)
        {
            if (value.Rejected is { } reason)
                output.WriteLine($"The stored {dataset} is made anew: {reason}");
            if (value.Unreadable is { } unreadable)
                output.WriteLine($"Unreadable: {unreadable}");
            var now = value.Total == 0 ? 10 : (int)(10L * value.Done / value.Total);
            if (now <= tenth)
                return;
            tenth = now;
            output.WriteLine($"Packing {dataset}: {value.Done} of {value.Total} images");
        }
    }
}
