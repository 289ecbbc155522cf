using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.LanguageModelling;
using TrainHarness.Training.Workloads.SelfPlay;
using TrainHarness.Training.Workloads.Translation;

namespace TrainHarness.Training;

/// <summary>The workloads that a program knows.</summary>
public sealed class WorkloadCatalog
{
    private readonly IReadOnlyList<IWorkload> workloads;

    private IReadOnlyList<StudyVocabulary>? vocabularies;

    private WorkloadCatalog(IReadOnlyList<IWorkload> workloads) => this.workloads = workloads;

    /// <summary>Those that come with the program, one line each.</summary>
    public static WorkloadCatalog Shipped { get; } =
        new([new ImageWorkload(), new LanguageModellingWorkload(), new SelfPlayWorkload(), new TranslationWorkload()]);

    /// <summary>What a study may say, workload by workload.</summary>
    /// <remarks>Made when a study is read: most commands read none, and start sooner.</remarks>
    public IReadOnlyList<StudyVocabulary> Vocabularies => vocabularies ??= [.. workloads.Select(workload => workload.Vocabulary)];

    /// <summary>All architectures that come with the workloads.</summary>
    public IEnumerable<CataloguedArchitecture> Architectures =>
        workloads.SelectMany(
            workload => workload.Vocabulary.Architectures,
            (workload, name) => new CataloguedArchitecture(workload.Vocabulary.Workload, workload.Architecture(name))
        );

    /// <summary>The same with one more: the way for a program of somebody else to bring its own.</summary>
    /// <exception cref="ArgumentException">There is one of this name already.</exception>
    public WorkloadCatalog With(IWorkload workload) =>
        Vocabularies.All(known => known.Workload != workload.Vocabulary.Workload)
            ? new WorkloadCatalog([.. workloads, workload])
            : throw new ArgumentException($"There is a workload '{workload.Vocabulary.Workload}' already.", nameof(workload));

    /// <summary>Which workload the code holds a network of; null where of none.</summary>
    /// <exception cref="Files.ConfigurationException">It does not compile.</exception>
    public string? OfOwn(OwnSource source) =>
        workloads.FirstOrDefault(workload => workload is IOwnArchitectures own && own.Fits(source))?.Vocabulary.Workload;

    /// <summary>That of a study, which was read with <see cref="Vocabularies"/>.</summary>
    public IWorkload Of(Study study) => workloads.First(workload => workload.Vocabulary.Workload == study.Workload);
}

/// <param name="Workload">Whose networks it is one of.</param>
public sealed record CataloguedArchitecture(string Workload, IArchitecture Architecture);
