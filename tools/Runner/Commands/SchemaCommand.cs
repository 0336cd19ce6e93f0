using System.CommandLine;
using VkNet.Formats;
using VkNet.Operators;
using VkNet.Training;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet schema</c>: the JSON Schema of graph files, or of training recipes.</summary>
internal sealed class SchemaCommand : RunnerCommand
{
    private readonly Option<bool> _recipe = new("--recipe") { Description = "The schema of training recipes, which refers to that of graph files" };

    protected override string Name => "schema";

    protected override string Description => "Prints the JSON Schema of graph files or recipes, for editors; it lists every operator with its attributes.";

    protected override IReadOnlyList<string> Examples => ["vknet schema > graph.schema.json"];

    protected override IEnumerable<Symbol> Symbols => [_recipe];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        Output.Write(arguments.GetValue(_recipe) ? RecipeSchema.Text(StandardOperators.Registry) : GraphSchema.Text(StandardOperators.Registry));
        return 0;
    }
}
