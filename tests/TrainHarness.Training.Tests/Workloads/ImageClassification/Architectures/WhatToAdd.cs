using System.Globalization;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

/// <summary>What a new architecture needs beside its own file, in words for whoever adds one: which line in which file.</summary>
internal static class WhatToAdd
{
    public const string PublishedNumbers = "tests/TrainHarness.Training.Tests/Reference/architectures.csv";
    public const string ForwardChecks = "tests/TrainHarness.Training.Tests/Reference/forward-checks.csv";
    public const string WithoutReference =
        "tests/TrainHarness.Training.Tests/Workloads/ImageClassification/Architectures/PublishedNumbersTests.cs";
    public const string Starts = "tests/TrainHarness.Training.Tests/Workloads/ImageClassification/Architectures/InitialisationTests.cs";
    public const string Catalog = "src/TrainHarness.Training/Workloads/ImageClassification/Architectures/ArchitectureCatalog.cs";
    public const string Sizes = "src/TrainHarness.Training/Workloads/ImageClassification/Architectures/ArchitectureSizes.csv";

    public static string ToPublishedNumbers(Architecture architecture) =>
        $"{PublishedNumbers} has no line for {architecture.Name}. Add this one, with numbers from its paper or counted by hand, not "
        + $"taken from this program:\n"
        + string.Create(
            CultureInfo.InvariantCulture,
            $"{architecture.Name},{architecture.Published:yyyy-MM-dd},{architecture.Paper},"
                + $"PARAMETERS,224,FORWARD_MACS,FIRST_LAYER_MACS,TRAINING_MACS,NOTE"
        );

    public static string ToForwardChecks(Architecture architecture) =>
        $"{ForwardChecks} has no line for {architecture.Name}. Add this one, computed in Python as the head of that file says:\n"
        + $"{architecture.Name},96,LOSS,GRAD_NORM,LOGIT0,LOGIT1,LOGIT2\n"
        + $"or, where no other implementation is at hand, its name to the list in {WithoutReference}:\n"
        + $"\"{architecture.Name}\",";

    public static string ToStarts(Architecture architecture) =>
        $"{Starts} says of no weight how {architecture.Name} starts. Add a line to Expected for each kind of layer, by the paper, such "
        + $"as:\n"
        + $"(\"{architecture.Name}\", \"conv1.weight\", Start.Normal, Math.Sqrt(2.0 / (OUTPUTS * KERNEL * KERNEL))),";

    public static string ToCatalog(string member) =>
        $"{Catalog} does not list it. Add this line to All, at its place by date:\nArchitecture.{member},";
}
