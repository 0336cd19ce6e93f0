#version 450
// Packs the left matrix of gemm/packed: rows in groups of LANES, depth in fours, zero beyond the true rows and depth.
//
// Bindings
//   source  the matrix, element (row, depth) of batch b at sum(b_i batchStrides_i) + row * rowStride + depth * depthStride
//   result  [batch][ceil(rows / lanes)][2 ceil(depth / 8)][lanes][4]
// Parameters
//   rows, depth, rowStride, depthStride (elements)   of one matrix
//   lanes                                            the LANES of the gemm/packed variant that will read it, a multiple of 4
//   batchSizes, batchStrides                         the batch as four axes, outermost first, filled up with 1 in front; strides in elements
// Specialization constants: ACCESS (BlockAccess with a = row, b = depth), batch strides counting as part of the start.
// Invocations: batch * ceil(rows / lanes) * lanes / 4 * 2 ceil(depth / 8), 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: no FLOPs; reads 4 rows depth and writes 4 roundUp(rows, lanes) roundUp(depth, 8) bytes per matrix.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int ACCESS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows;
    int depth;
    int rowStride;
    int depthStride;
    int lanes;
    ivec4 batchSizes;
    ivec4 batchStrides;
} p;

#include "common/indexing.glsl"
#include "common/block.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int depthTexels = ((p.depth + 7) >> 3) * 2;
    int laneQuads = p.lanes >> 2;
    ivec2 quad = divide(flatInvocation(), laneQuads);
    ivec2 texel = divide(quad.x, depthTexels);
    ivec2 group = divide(texel.x, divideUp(p.rows, p.lanes));
    int k = texel.y;
    int row = group.y * p.lanes + quad.y * 4;
    int batch = group.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    int start = dotAxes(axesOf(batch, p.batchSizes), p.batchStrides) + row * p.rowStride + 4 * k * p.depthStride;
    vec4 block[4];
    LOAD_BLOCK(block, source, ACCESS, start, p.rowStride, p.depthStride, p.rows - row, p.depth - 4 * k)
    int target = texel.x * depthTexels * p.lanes + k * p.lanes + quad.y * 4;
    for (int i = 0; i < 4; i++) result[target + i] = block[i];
}
