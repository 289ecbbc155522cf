using System.CommandLine;
using System.CommandLine.Help;
using TrainHarness.Cli.Commands;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    // Scripts rely on these names. Add lines freely; a line that changes or goes breaks somebody's script.
    private const string Frozen = """
        architectures FILTER [--json]
        completion SHELL [--json]
        datasets FILTER [--json]
        datasets prepare NAME [--data PATH] [--json] [--pack-size N] [--study FILE]
        datasets verify NAME [--data PATH] [--json]
        doctor [--json] [--results DIR]
        estimate [--count N] [--gpu NAME] [--hours H] [--json] [--macs N] [--precision NAME] [--teraflops N] [--utilization U]
        flops ARCH [--auxiliary-heads] [--batch N] [--classes N] [--depth N] [--image-size N] [--json] [--layers] [--study FILE] [--width N]
        help COMMAND
        import PATH [--into DIR] [--json]
        new architecture NAME [--json] [--workload NAME]
        published [--json] [--level NAME]
        recipes FILTER [--json]
        report DIR [--export LIST] [--json]
        score bleu [--hypothesis FILE] [--json] [--lowercase] [--reference FILE] [--tokenize 13a|none]
        study cancel FILE [--json] [--results DIR]
        study plan FILE [--data PATH] [--device NAME] [--json] [--results DIR]
        study run FILE [--data PATH] [--device NAME] [--json] [--parallel N] [--per-device N] [--results DIR] [--trial ID]
        study scan FILE [--data PATH] [--device NAME] [--json] [--parallel N] [--per-device N] [--results DIR] [--trial ID]
        study status FILE [--json] [--results DIR]
        study submit FILE [--cluster FILE] [--data PATH] [--device NAME] [--dry-run] [--executor NAME] [--json] [--missing] [--results DIR]
        study task MANIFEST [--index N]
        """;

    [Fact]
    public void The_command_line_is_what_scripts_rely_on() =>
        Assert.Equal(
            Frozen.ReplaceLineEndings("\n"),
            string.Join('\n', Lines(CommandLine.Create(WorkloadCatalog.Shipped), []).Order(StringComparer.Ordinal))
        );

    [Fact]
    public void Every_command_has_an_example_and_a_description_of_each_argument_and_option()
    {
        foreach (
            var command in All(CommandLine.Create(WorkloadCatalog.Shipped))
                .Where(command => command.Action is not null && command is not RootCommand)
        )
        {
            Assert.Contains("\n\nExample: trainharness ", command.Description, StringComparison.Ordinal);
            Assert.All(command.Options.Where(option => option is not HelpOption), option => Assert.NotEmpty(option.Description ?? ""));
            Assert.All(command.Arguments, argument => Assert.NotEmpty(argument.Description ?? ""));
        }
    }

    [Fact]
    public void Help_reads_as_before()
    {
        var text = new StringWriter();
        foreach (var words in Paths(CommandLine.Create(WorkloadCatalog.Shipped), []))
        {
            text.Write($"$ trainharness {string.Join(' ', words)} --help\n");
            CommandLine.Create(WorkloadCatalog.Shipped).Parse([.. words, "--help"]).Invoke(new InvocationConfiguration { Output = text });
        }

        // The name of the program is that of whatever runs the tests.
        Snapshot.Matches(
            "help.txt",
            string.Join(
                '\n',
                text.ToString()
                    .ReplaceLineEndings("\n")
                    .Replace(RootCommand.ExecutableName, "trainharness", StringComparison.Ordinal)
                    .Split('\n')
                    .Select(line => line.TrimEnd())
            )
        );
    }

    private static IEnumerable<IReadOnlyList<string>> Paths(Command command, IReadOnlyList<string> path) =>
        command.Subcommands.SelectMany(below => Paths(below, [.. path, below.Name])).Prepend(path);

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static IEnumerable<string> Lines(Command command, IReadOnlyList<string> path)
    {
        foreach (var below in command.Subcommands)
        {
            string[] name = [.. path, below.Name];
            if (below.Action is not null)
            {
                var arguments = below.Arguments.Select(argument => argument.Name);
                var options = below
                    .Options.Where(option => option is not HelpOption)
                    .OrderBy(option => option.Name, StringComparer.Ordinal)
                    .Select(option => option.HelpName is { } value ? $"[{option.Name} {value}]" : $"[{option.Name}]");
                yield return string.Join(' ', [.. name, .. arguments, .. options]);
            }

            foreach (var line in Lines(below, name))
                yield return line;
        }
    }
}
