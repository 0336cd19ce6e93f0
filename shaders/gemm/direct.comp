#version 450
// Matrix product of matrices as they lie in memory: result = program(left * right), for each of a batch of matrices, with any
// strides and so any transposition. Written for CPU drivers: the tiles of gemm/packed without a pass that packs, for products whose
// matrices are used once and are soon read (dense layers while they learn, attention).
//
// Bindings, parameters, LEFT_ACCESS, RIGHT_ACCESS, the pointwise program and ALIGNED: see gemm/strided.
// Workgroups: batch * ceil(rows / ROWS) * ceil(storedColumns / (4 LANES)), spread as common/indexing.glsl says.
//   SPEED is the measured rate on whole tiles, the best of gemm/packed being 100.
// Cost: 2 rows columns depth FLOPs; a workgroup reads 4 depth (ROWS + 4 LANES) bytes, those of a transposed matrix from as many cache lines as it has columns.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant direct16 TEXELS LANES=16 ROWS=32 PANELS=1 SPEED=95 | subgroup=16
//!variant direct16_rows16 TEXELS LANES=16 ROWS=16 PANELS=1 SPEED=78 | subgroup=16
//!variant direct16_rows8 TEXELS LANES=16 ROWS=8 PANELS=1 SPEED=54 | subgroup=16
//!variant direct8 TEXELS LANES=8 ROWS=16 PANELS=1 SPEED=90 | subgroup=8
//!variant direct8_rows8 TEXELS LANES=8 ROWS=8 PANELS=1 SPEED=60 | subgroup=8
layout(local_size_x = LANES) in;
layout(constant_id = 0) const int LEFT_ACCESS = 0;
layout(constant_id = 1) const int RIGHT_ACCESS = 0;

#include "gemm/strided_parameters.glsl"
#include "common/indexing.glsl"
#include "common/block.glsl"
#include "common/epilogue.glsl"
#include "common/tile.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 rowTile = divide(flatWorkgroup(), divideUp(p.rows, ROWS));
    ivec2 panel = divide(rowTile.x, divideUp(p.storedColumns, 4 * LANES));
    int batch = panel.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    int row = rowTile.y * ROWS;
    int column = (panel.y * LANES + lane) * 4;
    ivec4 place = axesOf(batch, p.batchSizes);
    int leftStart = dotAxes(place, p.leftBatchStrides);
    int rightStart = dotAxes(place, p.rightBatchStrides) + column * p.rightColumnStride;

    vec4 sum[ROWS];
    [[unroll]] for (int i = 0; i < ROWS; i++) sum[i] = vec4(0.0);
    for (int k = 0; k < p.depth; k += 8)
    {
        vec4 leftTexels[2 * LEFT_GROUPS];
        vec4 rightTexels[8];
        [[unroll]] for (int b = 0; b < 2; b++)
        {
            int depth = k + 4 * b;
            [[unroll]] for (int g = 0; g < LEFT_GROUPS; g++)
            {
                int start = leftStart + min(row + g * LANES + lane, p.rows - 1) * p.leftRowStride;
                vec4 texel;
                // A group of four may reach beyond the depth, into the next row or the padding of the tensor's range.
                if (LEFT_ACCESS == BLOCK_ALONG_B) texel = LOAD4(left, (start + (depth < p.depth ? depth : 0)) >> 2);
                else [[unroll]] for (int u = 0; u < 4; u++) texel[u] = LOAD1(left, start + min(depth + u, p.depth - 1) * p.leftDepthStride);
                leftTexels[b * LEFT_GROUPS + g] = choose(lessThan(depth + ivec4(0, 1, 2, 3), ivec4(p.depth)), texel, vec4(0.0));
            }
            vec4 block[4];
            LOAD_BLOCK(block, right, RIGHT_ACCESS, rightStart + depth * p.rightDepthStride, p.rightDepthStride, p.rightColumnStride, p.depth - depth, p.columns - column)
            [[unroll]] for (int u = 0; u < 4; u++) rightTexels[4 * b + u] = block[u];
        }
        MULTIPLY_ACCUMULATE(sum, leftTexels, rightTexels)
    }
    if (column >= p.storedColumns) return;
    int operandRow = divide(batch, p.rowGroups).y * p.rows;
    int count = min(p.storedColumns - column, 4);
    STORE_TILE(sum,
        if (row + at < p.rows)
        {
            int element = batch * p.resultBatchElements + (row + at) * p.resultRowElements + column;
            vec4 value = epilogue(sum[i], OutputPlace(element, operandRow + row + at, batch * p.operandBatchColumns + column, count));
            value = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
            STORE_FOUR(result, element, count, value)
        })
}
