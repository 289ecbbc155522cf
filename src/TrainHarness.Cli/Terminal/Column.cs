namespace TrainHarness.Cli.Terminal;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="IsNumber">Its cells keep to the right and are never broken, not between a number and its unit either.</param>
internal sealed record Column(string Name, bool IsNumber = false)
{
    public static Column Number(string name) => new(name, IsNumber: true);
}
