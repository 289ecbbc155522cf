using System.Globalization;
using TrainHarness.Cli.Tests.Workloads;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;
using static TorchSharp.torch;

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>
/// <see cref="Parity"/> that pauses in every step: a trial takes as long as a test needs to do something to it, and four of them fit on
/// two processors.
/// </summary>
internal sealed class PatientParity(TimeSpan pause) : IWorkload
{
    /// <summary>Milliseconds of a pause. The program has this workload where it is set.</summary>
    public const string Variable = "TRAINHARNESS_TEST_PAUSE";

    private readonly Parity parity = new();

    /// <summary>Null where nobody asks for it.</summary>
    public static PatientParity? Asked =>
        Environment.GetEnvironmentVariable(Variable) is { } pause
            ? new PatientParity(TimeSpan.FromMilliseconds(int.Parse(pause, CultureInfo.InvariantCulture)))
            : null;

    public StudyVocabulary Vocabulary => parity.Vocabulary;

    public IArchitecture Architecture(string name) => parity.Architecture(name);

    public IStudyData Data(Study study, string? path, string cacheFolder)
    {
        var rows = (DrawnData)parity.Data(study, path, cacheFolder);
        return new DrawnData(rows.Record, rows.Metrics, Open);

        TrainingTask Open(TrainingPlan plan)
        {
            var task = rows.Open(plan);
            return task with { Objective = new Patient(task.Objective, pause) };
        }
    }

    private sealed class Patient(IObjective objective, TimeSpan pause) : IObjective
    {
        public Tensor Loss(IBatch batch, Random random)
        {
            Thread.Sleep(pause);
            return objective.Loss(batch, random);
        }
    }
}
