using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// A source that is refused where it holds other counts of images than its dataset file expects of the whole set. Of fewer classes it says
/// so.
/// </summary>
internal sealed class ExpectedExamples(IExampleSource source, ExpectedCounts expected, string name, string where) : IExampleSource
{
    private IReadOnlyList<ExampleEntry>? entries;
    private string? part;

    public string Stamp => source.Stamp;

    public bool IsListed => source.IsListed;

    public IReadOnlyDictionary<string, int> PassedOver => source.PassedOver;

    public IReadOnlyList<string> Remarks
    {
        get
        {
            List();
            return part is null ? source.Remarks : [.. source.Remarks, part];
        }
    }

    public IReadOnlyList<ExampleEntry> List() => entries ??= Checked();

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen) => source.Read(chosen);

    private IReadOnlyList<ExampleEntry> Checked()
    {
        var all = source.List();
        var train = all.Count(entry => entry.Split == Split.Train);
        var validation = all.Count - train;
        var classes = all.Select(entry => entry.ClassName).ToHashSet(StringComparer.Ordinal).Count;
        if (classes < expected.Classes)
        {
            part = string.Create(
                CultureInfo.InvariantCulture,
                $"a part of the set, {classes} of {expected.Classes} classes: the whole has {expected.Train:N0} training and "
                    + $"{expected.Validation:N0} validation images, here are {train:N0} and {validation:N0}"
            );
        }
        else if (train != expected.Train || validation != expected.Validation)
        {
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{where}: holds {train} training and {validation} validation images of {classes} classes, where {name} has "
                        + $"{expected.Train} and {expected.Validation}"
                        + $" ('expected' in the dataset file); allowed: the whole set, or a dataset file without 'expected'"
                )
            );
        }

        return all;
    }
}
