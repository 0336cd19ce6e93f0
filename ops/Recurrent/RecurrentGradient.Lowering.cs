using VkNet.Compilation;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Recurrent;

/// <content>How the steps are run on a device.</content>
public sealed partial class RecurrentGradient : ILowering
{
    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var sizes = SizesOf(context.Input(Saved).Shape, context.Node.Attributes);
        if (sizes.Batch == 0 || sizes.Units == 0) return;
        var calls = new RecurrentCalls(context, _kind, sizes);
        var (lstm, weights) = (_kind == RecurrentKind.Lstm, context.Input(Recurrent));
        var hidden = context.Has(HiddenGradient) ? context.Input(HiddenGradient) : null;
        var cell = lstm && context.Has(CellGradient) ? context.Input(CellGradient) : null;
        var (hiddenResult, cellResult) = (context.Output(2), lstm ? context.Output(3) : calls.Unused);
        if (calls.IsWhole || sizes.Steps == 0)
        {
            Call(context, calls, 0, sizes.Steps, sizes.Steps == 0 ? weights : calls.Packed(weights, transposed: false), hidden, cell, null, hiddenResult, cellResult, null, 0);
            return;
        }
        var before = calls.Cell == RecurrentCell.GruBefore;
        var (states, cells) = (new[] { calls.State("state 0"), calls.State("state 1") }, lstm ? new[] { calls.State("cell 0"), calls.State("cell 1") } : []);
        var (direct, left) = (calls.State("direct"), calls.State("left", before ? 2 : calls.Gates));
        var (candidate, reset) = (before ? calls.State("candidate") : null, before ? calls.State("reset") : null);
        for (var s = sizes.Steps - 1; s >= 0; s--)
        {
            var (nextHidden, nextCell) = (s == 0 ? hiddenResult : states[s % 2], !lstm || s == 0 ? cellResult : cells[s % 2]);
            if (before)
            {
                Call(context, calls, s, s + 1, weights, hidden, cell, null, calls.Unused, calls.Unused, candidate, 1);
                calls.Multiply(candidate!, sizes.Units, weights, 2, false, reset!, sizes.Units);
            }
            Call(context, calls, s, s + 1, weights, hidden, cell, reset, direct, nextCell, left, before ? 2 : 0);
            calls.Multiply(left, (before ? 2 : calls.Gates) * sizes.Units, weights, 0, false, nextHidden, sizes.Units, direct);
            (hidden, cell) = (nextHidden, lstm ? nextCell : null);
        }
    }

    private void Call(LoweringContext context, RecurrentCalls calls, long first, long last, DeviceTensor weights, DeviceTensor? hiddenGradient, DeviceTensor? cellGradient, DeviceTensor? second, DeviceTensor hiddenResult, DeviceTensor cellResult, DeviceTensor? left, int part)
    {
        DeviceTensor? Input(int index) => index < Inputs.Count && context.Has(index) ? context.Input(index) : null;
        var (saved, result) = (context.Input(Saved), context.Input(Result));
        var (lengths, hidden, upstream) = (Input(Lengths), Input(Hidden), Input(ResultGradient));
        var (cell, cells, peephole) = _kind == RecurrentKind.Lstm ? (Input(Cell), Input(Cells), Input(Peephole)) : default;
        var numbers = RecurrentParameters.Of(context.Node.Attributes, _kind, calls.Sizes);
        var parameters = new RecurrentBackward.Parameters
        {
            Batch = numbers.Batch, Steps = numbers.Steps, Units = numbers.Units, FirstStep = (int)first, LastStep = (int)last, Directions = numbers.Directions,
            Reversed = numbers.Reversed, BatchRows = numbers.BatchRows, StepRows = numbers.StepRows,
        };
        for (var i = 0; i < 4; i++) parameters.Gates[i] = numbers.Gates[i];
        for (var i = 0; i < numbers.Activations.Length; i++) (parameters.Alpha[i], parameters.Beta[i]) = ((float)numbers.Activations[i].Alpha, (float)numbers.Activations[i].Beta);
        DeviceTensor[] texels = [.. new[] { saved, weights, result, upstream, hidden, cell, cells, hiddenGradient, cellGradient, second, peephole }.OfType<DeviceTensor>()];
        var isWhole = left is null;
        var dispatch = context.Dispatch(context.Choose(RecurrentBackward.Family.Variants.Where(v => v.Defines["Rows"] == calls.Rows), texels))
            .Parameters(parameters)
            .Bind(RecurrentBackward.Bindings.Lengths, lengths ?? saved)
            .Bind(RecurrentBackward.Bindings.Weights, weights)
            .Bind(RecurrentBackward.Bindings.InitialHidden, hidden ?? saved)
            .Bind(RecurrentBackward.Bindings.InitialCell, cell ?? saved)
            .Bind(RecurrentBackward.Bindings.Peephole, peephole ?? saved)
            .Bind(RecurrentBackward.Bindings.Product, saved)
            .Bind(RecurrentBackward.Bindings.SecondProduct, second ?? saved)
            .Bind(RecurrentBackward.Bindings.Saved, saved)
            .Bind(RecurrentBackward.Bindings.Cells, cells ?? saved)
            .Bind(RecurrentBackward.Bindings.Result, result)
            .Bind(RecurrentBackward.Bindings.ResultGradient, upstream ?? saved)
            .Bind(RecurrentBackward.Bindings.HiddenGradient, hiddenGradient ?? saved)
            .Bind(RecurrentBackward.Bindings.CellGradient, cellGradient ?? saved)
            .Bind(RecurrentBackward.Bindings.Gradient, part == 1 ? calls.Unused : context.Output(0))
            .Bind(RecurrentBackward.Bindings.Before, part == 1 ? calls.Unused : context.Output(1))
            .Bind(RecurrentBackward.Bindings.CellBefore, peephole is null ? calls.Unused : context.Output(4))
            .Bind(RecurrentBackward.Bindings.HiddenResult, hiddenResult)
            .Bind(RecurrentBackward.Bindings.CellResult, cellResult)
            .Bind(RecurrentBackward.Bindings.Left, left ?? calls.Unused)
            .Constant(RecurrentBackward.Constants.Cell, (long)calls.Cell)
            .Constant(RecurrentBackward.Constants.Whole, isWhole ? 1 : 0)
            .Constant(RecurrentBackward.Constants.Aligned, calls.Sizes.Units % 4 == 0 ? 1 : 0)
            .Constant(RecurrentBackward.Constants.HasLengths, lengths is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.HasHidden, hidden is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.HasCell, cell is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.HasPeephole, peephole is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.HasResult, upstream is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.HasHiddenGradient, hiddenGradient is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.HasCellGradient, cellGradient is null ? 0 : 1)
            .Constant(RecurrentBackward.Constants.InputForget, context.Get(RecurrentAttributes.InputForget) ? 1 : 0)
            .Constant(RecurrentBackward.Constants.ActivationF, (long)numbers.Code(0))
            .Constant(RecurrentBackward.Constants.ActivationG, (long)numbers.Code(1))
            .Constant(RecurrentBackward.Constants.ActivationH, (long)numbers.Code(2))
            .Constant(RecurrentBackward.Constants.Part, part)
            .Cost(isWhole ? calls.Flops(last - first) : 0, saved.Bytes + context.Output(0).Bytes);
        calls.Run(dispatch);
    }
}
