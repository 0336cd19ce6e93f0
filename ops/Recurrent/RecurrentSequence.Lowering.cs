using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Recurrent;

/// <content>How the steps are run on a device.</content>
public sealed partial class RecurrentSequence : ILowering
{
    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var sizes = RecurrentSizes.Of(context.Input(0).Shape, _kind, context.Node.Attributes);
        if (sizes.Batch == 0 || sizes.Units == 0) return;
        var calls = new RecurrentCalls(context, _kind, sizes);
        var (lstm, weights) = (_kind == RecurrentKind.Lstm, context.Input(Recurrent));
        var hidden = context.Has(Hidden) ? context.Input(Hidden) : null;
        var cell = lstm && context.Has(Cell) ? context.Input(Cell) : null;
        var (hiddenResult, cellResult) = (context.Output(1), lstm ? context.Output(2) : calls.Unused);
        if (calls.IsWhole || sizes.Steps == 0)
        {
            Call(context, calls, 0, sizes.Steps, sizes.Steps == 0 ? weights : calls.Packed(weights, transposed: true), hidden, cell, null, null, hiddenResult, cellResult, null, 0);
            return;
        }
        // States alternate between two places, so that a call never writes what it reads.
        var before = calls.Cell == RecurrentCell.GruBefore;
        var (states, cells) = (new[] { calls.State("state 0"), calls.State("state 1") }, lstm ? new[] { calls.State("cell 0"), calls.State("cell 1") } : []);
        var (product, second, reset) = (calls.State("product", before ? 2 : calls.Gates), before ? calls.State("second product") : null, before ? calls.State("reset") : null);
        if (hidden is null)
        {
            hidden = calls.State("zero");
            context.Fill(hidden);
        }
        for (var s = 0L; s < sizes.Steps; s++)
        {
            var last = s == sizes.Steps - 1;
            var (nextHidden, nextCell) = (last ? hiddenResult : states[s % 2], !lstm || last ? cellResult : cells[s % 2]);
            calls.Multiply(hidden, sizes.Units, weights, 0, true, product, (before ? 2 : calls.Gates) * sizes.Units);
            if (before)
            {
                Call(context, calls, s, s + 1, weights, hidden, cell, product, null, calls.Unused, calls.Unused, reset, 1);
                calls.Multiply(reset!, sizes.Units, weights, 2, true, second!, sizes.Units);
            }
            Call(context, calls, s, s + 1, weights, hidden, cell, product, second, nextHidden, nextCell, null, before ? 2 : 0);
            (hidden, cell) = (nextHidden, lstm ? nextCell : null);
        }
    }

    private void Call(LoweringContext context, RecurrentCalls calls, long first, long last, DeviceTensor weights, DeviceTensor? hidden, DeviceTensor? cell, DeviceTensor? product, DeviceTensor? second, DeviceTensor hiddenResult, DeviceTensor cellResult, DeviceTensor? reset, int part)
    {
        var (projected, result, lstm, save) = (context.Input(0), context.Output(0), _kind == RecurrentKind.Lstm, context.Get(Save));
        var lengths = context.Has(Lengths) ? context.Input(Lengths) : null;
        var peephole = lstm && context.Has(Peephole) ? context.Input(Peephole) : null;
        var resetBias = _kind == RecurrentKind.Gru && context.Has(ResetBias) ? context.Input(ResetBias) : null;
        var numbers = RecurrentParameters.Of(context.Node.Attributes, _kind, calls.Sizes);
        var parameters = new RecurrentForward.Parameters
        {
            Batch = numbers.Batch, Steps = numbers.Steps, Units = numbers.Units, FirstStep = (int)first, LastStep = (int)last, Directions = numbers.Directions,
            Reversed = numbers.Reversed, BatchRows = numbers.BatchRows, StepRows = numbers.StepRows, Clip = (float)context.Get(RecurrentAttributes.Clip),
        };
        for (var i = 0; i < 4; i++) parameters.Gates[i] = numbers.Gates[i];
        for (var i = 0; i < numbers.Activations.Length; i++) (parameters.Alpha[i], parameters.Beta[i]) = ((float)numbers.Activations[i].Alpha, (float)numbers.Activations[i].Beta);
        DeviceTensor[] texels = [.. new[] { projected, weights, hidden, cell, product, second, peephole, resetBias }.OfType<DeviceTensor>()];
        var dispatch = context.Dispatch(context.Choose(RecurrentForward.Family.Variants.Where(v => v.Defines["Rows"] == calls.Rows), texels))
            .Parameters(parameters)
            .Bind(RecurrentForward.Bindings.Projected, projected)
            .Bind(RecurrentForward.Bindings.Lengths, lengths ?? projected)
            .Bind(RecurrentForward.Bindings.Weights, weights)
            .Bind(RecurrentForward.Bindings.InitialHidden, hidden ?? projected)
            .Bind(RecurrentForward.Bindings.InitialCell, cell ?? projected)
            .Bind(RecurrentForward.Bindings.Peephole, peephole ?? projected)
            .Bind(RecurrentForward.Bindings.Product, product ?? projected)
            .Bind(RecurrentForward.Bindings.SecondProduct, second ?? projected)
            .Bind(RecurrentForward.Bindings.ResetBias, resetBias ?? projected)
            .Bind(RecurrentForward.Bindings.Result, part == 1 ? calls.Unused : result)
            .Bind(RecurrentForward.Bindings.Hidden, hiddenResult)
            .Bind(RecurrentForward.Bindings.Cell, cellResult)
            .Bind(RecurrentForward.Bindings.Saved, save && part != 1 ? context.Output(lstm ? 3 : 2) : calls.Unused)
            .Bind(RecurrentForward.Bindings.Cells, save && lstm ? context.Output(4) : calls.Unused)
            .Bind(RecurrentForward.Bindings.Reset, reset ?? calls.Unused)
            .Constant(RecurrentForward.Constants.Cell, (long)calls.Cell)
            .Constant(RecurrentForward.Constants.Whole, product is null ? 1 : 0)
            .Constant(RecurrentForward.Constants.Aligned, calls.Sizes.Units % 4 == 0 ? 1 : 0)
            .Constant(RecurrentForward.Constants.HasLengths, lengths is null ? 0 : 1)
            .Constant(RecurrentForward.Constants.HasHidden, hidden is null ? 0 : 1)
            .Constant(RecurrentForward.Constants.HasCell, cell is null ? 0 : 1)
            .Constant(RecurrentForward.Constants.HasPeephole, peephole is null ? 0 : 1)
            .Constant(RecurrentForward.Constants.HasResetBias, resetBias is null ? 0 : 1)
            .Constant(RecurrentForward.Constants.InputForget, context.Get(RecurrentAttributes.InputForget) ? 1 : 0)
            .Constant(RecurrentForward.Constants.ActivationF, (long)numbers.Code(0))
            .Constant(RecurrentForward.Constants.ActivationG, (long)numbers.Code(1))
            .Constant(RecurrentForward.Constants.ActivationH, (long)numbers.Code(2))
            .Constant(RecurrentForward.Constants.Part, part)
            .Constant(RecurrentForward.Constants.Save, save ? 1 : 0)
            .Cost(product is null ? calls.Flops(last - first) : 0, projected.Bytes + result.Bytes);
        calls.Run(dispatch);
    }
}
