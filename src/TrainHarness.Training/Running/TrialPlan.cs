using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Energy;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;
using DeviceType = TorchSharp.DeviceType;

namespace TrainHarness.Training.Running;

/// <summary>What the training of a trial needs to know, on this machine.</summary>
internal static class TrialPlan
{
    /// <param name="measured">Says what is to be reached.</param>
    /// <exception cref="ConfigurationException">The device is not there, or does not compute what the study asks of it.</exception>
    public static TrainingPlan Of(TrialRequest request, MeasuredTrial measured, SuspensionWatch suspensions)
    {
        var (study, trial) = (request.Study, request.Trial);
        var device = ComputeDevice.Parse(request.Device);
        var countsEnergy = request.PerDevice == 1 && (device.type == DeviceType.CUDA || request.IsAlone);
        var plan = new TrainingPlan
        {
            Study = study,
            Trial = trial,
            Architecture = request.Workload.Architecture(study, trial.Entry),
            Threshold = measured.Threshold,
            AwaitedThreshold = measured.AwaitedThreshold,
            Device = device,
            Suspensions = suspensions,
            Energy = countsEnergy ? EnergyCounter.Of(device) : null,
            PeakRate = Hardware.Describe(device).Name is { } name ? DevicePeaks.Find(name, trial.Entry.Recipe.Precision) : null,
        };
        ComputeDevice.Require(study, plan.Recipe, device);
        return plan;
    }
}
