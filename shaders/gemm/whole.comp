#version 450
// Matrix product of whole numbers (i32, wrapping), with any strides. Each invocation computes 4 x 4 results and reads 4 x 4 blocks of both
// matrices, as gemm/strided does.
//
// Bindings
//   left    element (row, depth) at start of the batch + row * leftRowStride + depth * leftDepthStride
//   right   element (depth, column) at start of the batch + depth * rightDepthStride + column * rightColumnStride
//   result  [batch][rows][columns]
// Parameters, LEFT_ACCESS and RIGHT_ACCESS: as in gemm/strided. ALIGNED: 1 when columns is a multiple of 4.
// Invocations: batch * ceil(rows / 4) * ceil(columns / 4), 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: 2 rows columns depth operations; each invocation reads 32 depth bytes, most of them from a cache.
#extension GL_GOOGLE_include_directive : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int LEFT_ACCESS = 0;
layout(constant_id = 1) const int RIGHT_ACCESS = 0;
layout(constant_id = 2) const int ALIGNED = 0;

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

#include "common/block.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    ivec2 columnQuad = divide(flatInvocation(), (p.columns + 3) >> 2);
    ivec2 rowQuad = divide(columnQuad.x, (p.rows + 3) >> 2);
    int column = columnQuad.y * 4;
    int row = rowQuad.y * 4;
    int batch = rowQuad.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    ivec4 place = axesOf(batch, p.batchSizes);
    int leftStart = dotAxes(place, p.leftBatchStrides) + row * p.leftRowStride;
    int rightStart = dotAxes(place, p.rightBatchStrides) + column * p.rightColumnStride;

    ivec4 sum[4] = ivec4[4](ivec4(0), ivec4(0), ivec4(0), ivec4(0));
    for (int k = 0; k < p.depth; k += 4)
    {
        vec4 a[4];
        vec4 b[4];
        LOAD_BLOCK(a, left, LEFT_ACCESS, leftStart + k * p.leftDepthStride, p.leftRowStride, p.leftDepthStride, p.rows - row, p.depth - k)
        LOAD_BLOCK(b, right, RIGHT_ACCESS, rightStart + k * p.rightDepthStride, p.rightDepthStride, p.rightColumnStride, p.depth - k, p.columns - column)
        for (int i = 0; i < 4; i++)
            for (int u = 0; u < 4; u++) sum[i] += floatBitsToInt(a[i][u]) * floatBitsToInt(b[u]);
    }

    for (int i = 0; i < 4; i++)
    {
        if (row + i >= p.rows) continue;
        int element = (batch * p.rows + row + i) * p.columns + column;
        vec4 value = intBitsToFloat(sum[i]);
        if (ALIGNED != 0) result[element >> 2] = value;
        else for (int k = 0; k < 4; k++) if (column + k < p.columns) STORE1(result, element + k, value[k]);
    }
}
