using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;

namespace TrainHarness.Training.Running;

/// <summary>Makes the record of a trial out of what was planned, what happened, and where.</summary>
internal static class TrialRecords
{
    /// <param name="processPaths">What the process was started with counts as a path: it changes seconds.</param>
    public static TrialRecord Of(
        TrainingPlan plan,
        DatasetRecord data,
        TrainingResult result,
        TrialClock clock,
        IReadOnlyList<string> processPaths
    )
    {
        var (study, trial) = (plan.Study, plan.Trial);
        return new TrialRecord
        {
            Protocol = ProtocolVersion.Current,
            Study = study.Name,
            Workload = study.Workload == StudyVocabulary.Unnamed ? null : study.Workload,
            Id = trial.Id,
            Entry = trial.Entry.Name,
            Seed = trial.Seed,
            Architecture = Architecture(plan, result),
            Recipe = plan.Recipe,
            Start = plan.Start,
            ConfigurationSha256 = TrialFingerprint.Of(study, trial.Entry),
            Outcome = result.Outcome,
            Divergence = result.Divergence,
            Metrics = result.Metrics,
            Target = new TargetRecord(study.Target.Metric.Name, result.Threshold, study.Target.FromBaseline),
            Crossing = CrossingRecord.From(result.Crossing, result.Evaluations),
            Ledger = result.Ledger,
            Steps = result.Steps,
            Examples = result.Examples,
            Epochs = result.Evaluations.Count > 0 ? result.Evaluations[^1].Epoch : 0,
            Clocks = new ClockRecord(
                result.TrainingSeconds,
                result.EvaluationSeconds,
                Math.Max(0, clock.Seconds - result.ClockedSeconds),
                clock.Started,
                DateTimeOffset.UtcNow,
                result.DataWaitSeconds,
                clock.SuspendedSeconds,
                clock.TrialsPerDevice > 1 ? clock.TrialsPerDevice : null
            ),
            Beyond = result.Beyond,
            Joules = result.Joules,
            EnergyMeter = result.EnergyMeter,
            Dataset = data,
            Environment = Environment(plan, result, processPaths),
            EvaluationsSha256 = "",
            WeightsSha256 = result.WeightsSha256,
            Test = result.Test,
        };
    }

    /// <summary>What a checkpoint of this trial on this machine belongs to.</summary>
    public static CheckpointOrigin Origin(TrainingPlan plan, string packSha256) =>
        new(
            plan.Trial.Id,
            TrialFingerprint.Of(plan.Study, plan.Trial.Entry),
            packSha256,
            plan.Threshold,
            plan.Device.type == DeviceType.CUDA ? "cuda" : "cpu",
            Hardware.Describe(plan.Device).Name,
            TorchLibrary.Description.Version ?? "unknown"
        );

    private static ArchitectureRecord Architecture(TrainingPlan plan, TrainingResult result)
    {
        var examples = (UInt128)result.StepCost.Examples;
        return new ArchitectureRecord(
            plan.Architecture.Name,
            plan.Architecture.Published == default ? null : plan.Architecture.Published,
            plan.Architecture.Paper.Length == 0 ? null : plan.Architecture.Paper,
            result.Parameters,
            new Macs(result.StepCost.Forward.Count / examples),
            new Macs(result.StepCost.Training.Count / examples),
            plan.Architecture.SourceSha256
        );
    }

    private static EnvironmentRecord Environment(TrainingPlan plan, TrainingResult result, IReadOnlyList<string> processPaths)
    {
        var (name, driver) = Hardware.Describe(plan.Device);
        return new EnvironmentRecord
        {
            Device = plan.Device.type == DeviceType.CUDA ? $"cuda:{plan.Device.index}" : "cpu",
            DeviceName = name,
            Driver = driver,
            Threads = plan.Study.Threads,
            ProcessorCount = System.Environment.ProcessorCount,
            OperatingSystem = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            TorchSharp = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown",
            Libtorch = TorchLibrary.Description.Version ?? "unknown",
            CodeVersion = typeof(TrialRecords).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
                ?? "unknown",
            Precision = plan.Recipe.Precision.ToString().ToLowerInvariant(),
            Tf32 = plan.Device.type == DeviceType.CUDA ? torch.backends.cuda.matmul.allow_tf32 || torch.backends.cudnn.allow_tf32 : null,
            CudnnBenchmark = ComputeDevice.CudnnBenchmarks(plan.Device),
            Deterministic = plan.Device.type == DeviceType.CUDA ? plan.Study.Deterministic : null,
            DataPath = result.DataPath,
            NativePaths = [.. result.NativePaths, .. processPaths],
        };
    }
}
