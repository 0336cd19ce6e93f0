#version 450
// Matrix product of whole numbers (i32, wrapping), with any strides: one result per invocation. Products of whole numbers are few and
// small in networks; this one is written to be right everywhere.
//
// Bindings
//   left    element (row, depth) at start of the batch + row * leftRowStride + depth * leftDepthStride
//   right   element (depth, column) at start of the batch + depth * rightDepthStride + column * rightColumnStride
//   result  [batch][rows][columns]
// Parameters: as in gemm/strided.
// Invocations: batch * rows * columns, 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: 2 depth operations and loads per result.
#extension GL_GOOGLE_include_directive : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows;
    int columns;
    int depth;
    int leftRowStride;
    int leftDepthStride;
    int rightDepthStride;
    int rightColumnStride;
    ivec4 batchSizes;
    ivec4 leftBatchStrides;
    ivec4 rightBatchStrides;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int element = flatInvocation();
    int row = element / p.columns;
    int column = element - row * p.columns;
    int batch = row / p.rows;
    row -= batch * p.rows;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    ivec4 place = axesOf(batch, p.batchSizes);
    int leftStart = dotAxes(place, p.leftBatchStrides) + row * p.leftRowStride;
    int rightStart = dotAxes(place, p.rightBatchStrides) + column * p.rightColumnStride;
    int sum = 0;
    for (int k = 0; k < p.depth; k++)
        sum += floatBitsToInt(LOAD1(left, leftStart + k * p.leftDepthStride)) * floatBitsToInt(LOAD1(right, rightStart + k * p.rightDepthStride));
    STORE1(result, element, intBitsToFloat(sum));
}
