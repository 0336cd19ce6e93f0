namespace VkNet.Runner.Commands;

/// <summary>The commands, in the order in which --help lists them.</summary>
internal static class AllCommands
{
    internal static IEnumerable<RunnerCommand> Create() =>
    [
        new DevicesCommand(),
        new InspectCommand(),
        new RunCommand(),
        new CompileCommand(),
        new BenchCommand(),
        new CheckCommand(),
        new ConvertCommand(),
        new TrainCommand(),
        new SearchCommand(),
        new GenerateCommand(),
        new TuneCommand(),
        new OperatorsCommand(),
        new SchemaCommand(),
        new CompletionCommand(),
    ];
}
