using TrainHarness.Protocol;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests.Execution;

/// <summary>Studies that are cut off when a machine is taken away are worth what they have measured by then.</summary>
public sealed class GpuStudyTests
{
    [Theory]
    [InlineData("gpu-imagenette-96")]
    [InlineData("gpu-tiny-imagenet-30")]
    public void A_study_for_a_borrowed_gpu_has_ten_architectures_by_three_seeds_and_is_measured_baseline_first_and_then_seed_by_seed(
        string name
    )
    {
        var study = StudyReader.Read(
            Path.Combine(Trainharness.Repository, "configs", "studies", $"{name}.yaml"),
            WorkloadCatalog.Shipped.Vocabularies
        );
        Assert.Equal([1, 2, 3], study.Seeds);
        Assert.InRange(study.AllEntries.Select(entry => entry.Architecture).Distinct().Count(), 10, 100);
        var trials = study.Trials.ToList();
        Assert.All(trials.Take(3), trial => Assert.Equal(study.Baseline.Name, trial.Entry.Name));
        var others = trials.Skip(3).ToList();
        Assert.Equal(study.AllEntries.Count() - 1, others.Count / 3);
        Assert.Equal(others.Select(trial => trial.Seed).Order(), others.Select(trial => trial.Seed));
    }
}
