using TrainHarness.Files;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Running;

/// <summary>The data of a trial.</summary>
internal static class TrialData
{
    /// <summary>What a study run has verified is not read twice, unless something else lies in its place.</summary>
    /// <exception cref="ConfigurationException">It was changed while the study ran.</exception>
    public static IPreparedData Open(TrialRequest request, ITrialHost host, CancellationToken cancellation)
    {
        var data = request.OpenData;
        var opened = Open(verify: request.VerifiedData is null);
        if (request.VerifiedData is not { } verified || verified == opened.Identity)
            return opened;
        opened.Dispose();
        opened = Open(verify: true);
        if (verified.StartsWith(opened.Record.PackSha256, StringComparison.Ordinal))
            return opened;
        opened.Dispose();
        throw new ConfigurationException(
            $"{opened.Record.Name} was changed while the study ran: it holds other data than the study began with."
        );

        IPreparedData Open(bool verify) => data.Prepare(verify, host.Preparation, cancellation);
    }
}
