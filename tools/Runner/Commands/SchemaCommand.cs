using System.CommandLine;
using VkNet.Formats;
using VkNet.Operators;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet schema</c>: the JSON Schema of graph files.</summary>
internal sealed class SchemaCommand : RunnerCommand
{
    protected override string Name => "schema";

    protected override string Description => "Prints the JSON Schema of graph files, for editors; it lists every operator with its attributes.";

    protected override IReadOnlyList<string> Examples => ["vknet schema > graph.schema.json"];

    protected override IEnumerable<Symbol> Symbols => [];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        Output.Write(GraphSchema.Text(StandardOperators.Registry));
        return 0;
    }
}
