#version 450
// The second half of a matrix product whose depth was split: adds up the parts, in their order, and runs the program.
// result = program(sum over s of parts[s]), for each of a batch of matrices.
//
// Bindings
//   parts   [splits][batch][rows][columns in fours], as gemm/packed or gemm/strided leaves them with as many products
//   result  [batch][rows][resultRowElements]; columns in columns ... storedColumns - 1 are written as zero
// Parameters: rows, columns, storedColumns, resultRowElements, resultBatchElements, rowGroups, operandBatchColumns, stepScalars as in gemm/packed;
//   batch: number of matrices; splits: number of parts.
// Specialization constants: the pointwise program and ALIGNED, see common/epilogue.glsl.
// Invocations: batch * rows * ceil(storedColumns / 4), 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: splits FLOPs and 4 (splits + 1) bytes per element.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int batch;
    int rows;
    int columns;
    int storedColumns;
    int splits;
    int resultRowElements;
    int resultBatchElements;
    int rowGroups;
    int operandBatchColumns;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Parts, parts);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int quads = (p.storedColumns + 3) >> 2;
    int texel = flatInvocation();
    int texels = p.batch * p.rows * quads;
    if (texel >= texels) return;
    ivec2 quad = divide(texel, quads);
    ivec2 row = divide(quad.x, p.rows);
    vec4 sum = LOAD4(parts, texel);
    for (int s = 1; s < p.splits; s++) sum += LOAD4(parts, texel + s * texels);
    int column = 4 * quad.y;
    int element = row.x * p.resultBatchElements + row.y * p.resultRowElements + column;
    int count = min(p.storedColumns - column, 4);
    vec4 value = epilogue(sum, OutputPlace(element, divide(row.x, p.rowGroups).y * p.rows + row.y, row.x * p.operandBatchColumns + column, count));
    value = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
    STORE_FOUR(result, element, count, value)
}
