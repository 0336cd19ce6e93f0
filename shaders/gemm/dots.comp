#version 450
// Product of a row or two with a transposed matrix as it lies in memory: result = program(left * right), where the columns of right (and
// the rows of left) lie one after another, so that each result is the dot product of two runs of memory. The lanes of a subgroup
// take neighbouring texels of a run, and add up at the end.
//
// Bindings, parameters, the pointwise program and ALIGNED: see gemm/strided. rightDepthStride and leftDepthStride are 1, all other strides
//   of left and right are multiples of 4. LEFT_ACCESS and RIGHT_ACCESS are not looked at.
// Workgroups: batch * rows * ceil(storedColumns / (4 QUADS)), spread as common/indexing.glsl says.
// Cost: 2 rows columns depth FLOPs; reads right once for every row.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant dots16 TEXELS LANES=16 QUADS=2 STEPS=4 | subgroup=16
//!variant dots8 TEXELS LANES=8 QUADS=2 STEPS=4 | subgroup=8
layout(local_size_x = LANES) in;
layout(constant_id = 0) const int LEFT_ACCESS = 0;
layout(constant_id = 1) const int RIGHT_ACCESS = 0;

#include "gemm/strided_parameters.glsl"
#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

// sum += left * right over "steps" texels of the lane; "whole" replaces what lies behind the depth.
#define ADD_PRODUCTS(steps, texel, whole) [[unroll]] for (int u = 0; u < steps; u++) sum += whole(LOAD4(left, leftStart + (texel) + u * LANES)) * whole(LOAD4(right, rightStart + (texel) + u * LANES));
#define AS_IT_IS(value) value
#define WITHIN_DEPTH(value) choose(exists, value, vec4(0.0))

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 rowOf = divide(flatWorkgroup(), p.rows);
    ivec2 columnTile = divide(rowOf.x, divideUp(p.storedColumns, 4 * QUADS));
    int batch = columnTile.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    int row = rowOf.y;
    int column = columnTile.y * 4 * QUADS;
    ivec4 place = axesOf(batch, p.batchSizes);

    int leftStart = (dotAxes(place, p.leftBatchStrides) + row * p.leftRowStride) >> 2;
    // One column after the other, although that reads left once for each: a processor follows one run of memory better than many. (For
    // the same reason several rows at once, whose sums the loop would have to keep, took longer than gemm/strided.)
    vec4 own = vec4(0.0);
    int blocks = p.depth / (4 * LANES * STEPS);
    [[dont_unroll]] for (int c = 0; c < 4 * QUADS; c++)
    {
        int rightStart = (dotAxes(place, p.rightBatchStrides) + min(column + c, p.columns - 1) * p.rightColumnStride) >> 2;
        vec4 sum = vec4(0.0);
        int texel = lane;
        for (int block = 0; block < blocks; block++)
        {
            ADD_PRODUCTS(STEPS, texel, AS_IT_IS)
            texel += STEPS * LANES;
        }
        for (int k = blocks * 4 * LANES * STEPS; k < p.depth; k += 4 * LANES)
        {
            bvec4 exists = lessThan(4 * texel + ivec4(0, 1, 2, 3), ivec4(p.depth));
            int last = exists.x ? texel : 0;
            ADD_PRODUCTS(1, last, WITHIN_DEPTH)
            texel += LANES;
        }
        // The lanes' parts are added along a tree; the lane that stores the group of four columns keeps the sum.
        float whole = (sum.x + sum.y) + (sum.z + sum.w);
        [[unroll]] for (int distance = LANES / 2; distance > 0; distance /= 2) whole += subgroupShuffle(whole, gl_SubgroupInvocationID ^ uint(distance));
        own = choose(equal(ivec4(0, 1, 2, 3), ivec4(lane == c >> 2 ? c & 3 : 4)), vec4(whole), own);
    }
    column += lane * 4;
    if (lane >= QUADS || column >= p.storedColumns) return;
    int element = batch * p.resultBatchElements + row * p.resultRowElements + column;
    int count = min(p.storedColumns - column, 4);
    vec4 value = epilogue(own, OutputPlace(element, divide(batch, p.rowGroups).y * p.rows + row, batch * p.operandBatchColumns + column, count));
    value = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
    STORE_FOUR(result, element, count, value)
}
