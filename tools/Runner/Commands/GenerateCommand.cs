using System.CommandLine;
using System.Text;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;
using VkNet.Runner.Training;
using VkNet.Training;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet generate</c>: lets a trained model of text write.</summary>
internal sealed class GenerateCommand : RunnerCommand
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "The recipe that the model was trained by" };
    private readonly Option<string[]> _set = new("--set") { Description = "Put a value in place of the recipe's", HelpName = "KEY=VALUE" };
    private readonly Option<string?> _data = new("--data") { Description = "The folder in which the recipe's text lies; its characters are the vocabulary", HelpName = "PATH" };
    private readonly Option<string?> _weights = new("--weights") { Description = "The trained weights; runs/NAME/weights.safetensors when not given", HelpName = "FILE" };
    private readonly Option<string> _prompt = new("--prompt") { Description = "What the model reads first", HelpName = "TEXT", DefaultValueFactory = _ => "" };
    private readonly Option<int> _length = new("--length") { Description = "Characters to write", HelpName = "N", DefaultValueFactory = _ => 500 };
    private readonly Option<double> _temperature = new("--temperature") { Description = "Below 1 likely characters become likelier; 0 always takes the likeliest", HelpName = "T", DefaultValueFactory = _ => 1 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Chooses the random numbers", HelpName = "SEED", DefaultValueFactory = _ => 1 };

    protected override string Name => "generate";

    protected override string Description => "Samples from a trained recurrent model of text.";

    protected override IReadOnlyList<string> Examples => ["vknet generate examples/text/char-lstm.train.yaml --data texts --prompt \"ROMEO:\" --temperature 0.8"];

    protected override IEnumerable<Symbol> Symbols => [_recipe, _set, _data, _weights, _prompt, _length, _temperature, _seed];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (length, temperature, prompt) = (arguments.GetValue(_length), arguments.GetValue(_temperature), arguments.GetValue(_prompt)!);
        if (length < 1) throw new VkNetException("VKN7002", $"--length must be at least 1, not {length}");
        if (!(temperature >= 0 && double.IsFinite(temperature))) throw new VkNetException("VKN7002", $"--temperature must be 0 or more, not {temperature}");
        var recipe = RecipeLoader.Load(arguments.GetValue(_recipe)!, arguments.GetValue(_set), arguments.GetValue(_data));
        var file = arguments.GetValue(_weights) ?? Path.Combine("runs", recipe.Name, "weights.safetensors");
        if (!File.Exists(file)) throw new VkNetException("VKN7003", $"there is no file '{file}'", $"train first: vknet train {arguments.GetValue(_recipe)}");
        var weights = new TensorWeights(SafetensorsFile.Load(file));
        using var device = OpenDevice(arguments);
        using var sampler = new TextSampler(device, recipe, weights);
        var json = arguments.GetValue(CommonOptions.Json);
        var text = new StringBuilder(prompt);
        if (!json) Output.Write(prompt);
        foreach (var token in sampler.Write(prompt, length, temperature, arguments.GetValue(_seed)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (json) text.Append(token);
            else Output.Write(token);
        }
        if (json)
            JsonReport.Write(Output, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("text", text.ToString());
                writer.WriteEndObject();
            });
        else Output.WriteLine();
        return 0;
    }
}
