using TrainHarness.Protocol;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>One kind of problem. It is one folder, and one line in <see cref="WorkloadCatalog.Shipped"/>.</summary>
public interface IWorkload
{
    /// <summary>What a study of it may say. Needs no libtorch.</summary>
    StudyVocabulary Vocabulary { get; }

    /// <param name="name">One of <see cref="StudyVocabulary.Architectures"/>.</param>
    IArchitecture Architecture(string name);

    /// <summary>The data of a study, which nobody has looked at yet.</summary>
    /// <param name="path">Where it lies, in place of what the study says; null keeps that.</param>
    /// <param name="cacheFolder">For what is prepared once and kept.</param>
    IStudyData Data(Study study, string? path, string cacheFolder);
}
