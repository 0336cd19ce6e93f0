using System.Globalization;
using Spectre.Console;
using VkNet.Tensors;

namespace VkNet.Runner.Reports;

/// <summary>The most probable classes of an output of scores or probabilities.</summary>
internal static class TopClasses
{
    /// <summary>The K greatest of the first row; scores that are no probabilities go through softmax first.</summary>
    internal static IReadOnlyList<(int Index, string Label, double Probability)> Of(Tensor tensor, int count, IReadOnlyList<string>? labels)
    {
        // A classifier's output is [1, classes], possibly with trailing axes of size 1.
        var values = ElementConversion.LoadReals(tensor);
        if (tensor.Shape.Rank > 1 && tensor.Shape[0] > 1) values = values[..(values.Length / (int)tensor.Shape[0])];
        var sum = values.Sum();
        if (values.Any(v => v < 0) || Math.Abs(sum - 1) > 1e-2)
        {
            var most = values.DefaultIfEmpty().Max();
            values = [.. values.Select(v => Math.Exp(v - most))];
            sum = values.Sum();
            values = [.. values.Select(v => v / sum)];
        }
        return [.. values.Select((v, i) => (Index: i, Label: labels is not null && i < labels.Count ? labels[i] : "", Probability: v)).OrderByDescending(v => v.Probability).ThenBy(v => v.Index).Take(count)];
    }

    /// <summary>Whether a tensor looks like one picture's classes: [1, classes], possibly with trailing axes of size 1, and more classes than one.</summary>
    internal static bool Fit(Tensor tensor) => tensor.DataType.IsFloat() && tensor.Shape.Rank >= 2 && tensor.Shape[0] == 1 && tensor.Shape[1] is > 1 and <= 100_000 && tensor.Shape[1] == tensor.Count;

    internal static void Write(TextWriter output, IReadOnlyList<(int Index, string Label, double Probability)> top)
    {
        if (top.Count == 0) return;
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected)
        {
            WriteTable(top);
            return;
        }
        foreach (var (index, label, probability) in top)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {probability,7:P2}  {index,5}  {label}").TrimEnd());
    }

    private static void WriteTable(IReadOnlyList<(int Index, string Label, double Probability)> top)
    {
        const int BarWidth = 24;
        var named = top.Any(t => t.Label.Length > 0);
        var table = new Table().Border(TableBorder.Rounded).AddColumn("class");
        if (named) table.AddColumn("name");
        table.AddColumn(new TableColumn("probability").RightAligned()).AddColumn("");
        foreach (var (index, label, probability) in top)
        {
            var (share, bar) = (new Text(probability.ToString("P2", CultureInfo.InvariantCulture)), new Text(new string('\u2588', (int)Math.Round(BarWidth * probability)), new Style(Color.Blue)));
            var number = new Text(index.ToString(CultureInfo.InvariantCulture));
            if (named) table.AddRow(number, new Text(label), share, bar);
            else table.AddRow(number, share, bar);
        }
        AnsiConsole.Write(table);
    }
}
