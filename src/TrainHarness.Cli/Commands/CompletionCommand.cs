using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Commands;

/// <summary>
/// <c>completion SHELL</c>: the script that a shell completes the program's words by. It asks the program itself, by System.CommandLine's
/// <c>[suggest]</c>.
/// </summary>
internal static class CompletionCommand
{
    private sealed record Answer(string Shell, string Script);

    private static readonly (string Shell, string Template)[] Shells =
    [
        ("bash", "Completion.bash"),
        ("zsh", "Completion.zsh"),
        ("powershell", "Completion.ps1"),
    ];

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL")
        {
            Description = string.Join(", ", Shells.Select(known => known.Shell)) + ".",
            HelpName = "SHELL",
            CompletionSources = { _ => Shells.Select(known => known.Shell) },
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "completion",
            "Prints the script by which a shell completes commands, options and names.\n\nExample: trainharness completion bash"
        )
        {
            shell,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(shell)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string shell, bool json)
    {
        var template = Array.Find(Shells, known => known.Shell == shell).Template
            ?? throw new ConfigurationException(
                $"SHELL: unknown shell '{shell}'; {NearNames.Allowed(shell, Shells.Select(known => known.Shell))}"
            );
        var script = Template.Read(template);
        if (json)
            CommonOptions.WriteJson(new Answer(shell, script));
        else
            // Not by WriteLine, which wraps what people read.
            Console.Out.Write(script);
        return ExitStatus.Done;
    }
}
