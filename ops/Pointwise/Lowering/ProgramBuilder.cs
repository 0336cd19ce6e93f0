using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Operators.Pointwise.Lowering;

/// <summary>Collects the steps of a program and the tensors it reads; a tensor read twice takes one register.</summary>
internal sealed class ProgramBuilder(DeviceTensor primary)
{
    private readonly List<DeviceTensor> _operands = [];
    private readonly List<PointwiseStep> _steps = [];

    /// <summary>What register 0 holds.</summary>
    internal DeviceTensor Primary { get; } = primary;

    /// <summary>What registers 1 to 4 hold.</summary>
    internal IReadOnlyList<DeviceTensor> Operands => _operands;

    /// <summary>Whether a kernel can run it.</summary>
    internal bool Fits => _steps.Count <= PointwiseProgram.MaximumSteps && _operands.Count <= PointwiseProgram.MaximumOperands;

    /// <summary>The steps as a program.</summary>
    internal PointwiseProgram Program => new([.. _steps], _operands.Count);

    internal ProgramBuilder Clone()
    {
        var copy = new ProgramBuilder(Primary);
        copy._operands.AddRange(_operands);
        copy._steps.AddRange(_steps);
        return copy;
    }

    /// <summary>The register that holds a tensor.</summary>
    internal int Register(DeviceTensor tensor)
    {
        if (tensor == Primary) return 0;
        var index = _operands.IndexOf(tensor);
        if (index >= 0) return 1 + index;
        _operands.Add(tensor);
        return _operands.Count;
    }

    /// <summary>Adds a step over the given registers and returns the one that holds its result.</summary>
    internal int Add(PointwiseStep step, int a, int b, int c)
    {
        _steps.Add(step with { A = a, B = b, C = c });
        return PointwiseProgram.FirstResult + _steps.Count - 1;
    }

    /// <summary>Adds another program whose register 0 is <paramref name="result"/>.</summary>
    internal void Append(PointwiseProgram program, int result, IReadOnlyList<DeviceTensor> operands)
    {
        var registers = operands.Select(Register).ToList();
        var first = PointwiseProgram.FirstResult + _steps.Count;
        foreach (var step in program.Steps) Add(step, Translate(step.A), Translate(step.B), Translate(step.C));

        int Translate(int register) =>
            register == 0 ? result : register < PointwiseProgram.FirstResult ? registers[register - 1] : first + register - PointwiseProgram.FirstResult;
    }
}
