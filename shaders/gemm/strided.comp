#version 450
// Matrix product of matrices as they lie in memory: result = program(left * right), for each of a batch of matrices, with any
// strides and so any transposition. Each invocation computes 4 x 4 results and reads 4 x 4 blocks of both matrices.
// The baseline that runs everywhere, and the choice for products too small to be worth packing (see gemm/packed).
//
// Bindings
//   left    element (row, depth) at start of the batch + row * leftRowStride + depth * leftDepthStride
//   right   element (depth, column) at start of the batch + depth * rightDepthStride + column * rightColumnStride
//   result  [batch][rows][resultRowElements]; columns in columns ... storedColumns - 1 are written as zero
// Parameters
//   rows, columns, depth        of one matrix product; depth may be 0 (the program then runs on zeros)
//   storedColumns, resultRowElements, resultBatchElements, rowGroups, operandBatchColumns, stepScalars   as in gemm/packed
//   leftRowStride, leftDepthStride, rightDepthStride, rightColumnStride             in elements
//   batchSizes, leftBatchStrides, rightBatchStrides   the batch as four axes, outermost first, filled up with 1 in front; strides in
//                                                     elements, 0 where a matrix is shared
// Specialization constants: LEFT_ACCESS (BlockAccess with a = row, b = depth), RIGHT_ACCESS (a = depth, b = column), batch strides
//   counting as part of the start; the pointwise program and ALIGNED, see common/epilogue.glsl.
// Invocations: batch * ceil(rows / 4) * ceil(storedColumns / 4), 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: 2 rows columns depth FLOPs; each invocation reads 32 depth bytes, most of them from a cache.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int LEFT_ACCESS = 0;
layout(constant_id = 1) const int RIGHT_ACCESS = 0;

#include "gemm/strided_parameters.glsl"
#include "common/indexing.glsl"
#include "common/block.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    ivec2 columnQuad = divide(flatInvocation(), (p.storedColumns + 3) >> 2);
    ivec2 rowQuad = divide(columnQuad.x, (p.rows + 3) >> 2);
    int column = columnQuad.y * 4;
    int row = rowQuad.y * 4;
    int batch = rowQuad.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    ivec4 place = axesOf(batch, p.batchSizes);
    int leftStart = dotAxes(place, p.leftBatchStrides) + row * p.leftRowStride;
    int rightStart = dotAxes(place, p.rightBatchStrides) + column * p.rightColumnStride;

    vec4 sum[4] = vec4[4](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0));
    for (int k = 0; k < p.depth; k += 4)
    {
        vec4 a[4];
        vec4 b[4];
        LOAD_BLOCK(a, left, LEFT_ACCESS, leftStart + k * p.leftDepthStride, p.leftRowStride, p.leftDepthStride, p.rows - row, p.depth - k)
        LOAD_BLOCK(b, right, RIGHT_ACCESS, rightStart + k * p.rightDepthStride, p.rightDepthStride, p.rightColumnStride, p.depth - k, p.columns - column)
        for (int i = 0; i < 4; i++)
            for (int u = 0; u < 4; u++) sum[i] += a[i][u] * b[u];
    }

    int operandRow = divide(batch, p.rowGroups).y * p.rows;
    int count = min(p.storedColumns - column, 4);
    [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
    {
        if (row + i >= p.rows) continue;
        int element = batch * p.resultBatchElements + (row + i) * p.resultRowElements + column;
        vec4 value = epilogue(sum[i], OutputPlace(element, operandRow + row + i, batch * p.operandBatchColumns + column, count));
        value = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
        STORE_FOUR(result, element, count, value)
    }
}
