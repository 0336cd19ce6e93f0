#version 450
// Packs a right matrix for gemm/packed, or the weights of a convolution for convolution/implicit: columns in panels, depth contiguous
// for each panel. Depth runs over (tap, channel) with the channels of a tap filled up to a multiple of 4; a plain matrix has one tap.
// Zero beyond the true columns, channels and depth.
//
// Bindings
//   source  element (tap, channel, column) of batch b at start + sum(b_i batchStrides_i) + tap * tapStride + channel * channelStride + column * columnStride
//   result  [batch][ceil(columns / panelColumns)][roundUp(taps * roundUp(channels, 4), 8)][panelColumns]
// Parameters
//   columns, taps, channels     the extents; for a plain matrix taps = 1 and channels = depth
//   panelColumns                4 times the LANES of the variant that will read it; 4 for a baseline variant
//   start, tapStride, channelStride, columnStride   in elements; a negative tapStride with a start turns a kernel by 180 degrees
//   batchSizes, batchStrides    as in gemm/pack_left; the groups of a convolution are such an axis
// Examples. Row-major [K][N]: channelStride N, columnStride 1. Transposed [N][K]: channelStride 1, columnStride K.
//   Convolution weights OIHW: columns O, channels I, taps H W: tapStride 1, channelStride H W, columnStride I H W.
//   Transposed convolution IOHW: the same with channelStride O H W and columnStride H W.
// Specialization constants: ACCESS (BlockAccess with a = channel, b = column). HALF = 1: stores half precision, the four columns of a lane at
//   two neighbouring depths in one texel: [batch][panels][depth / 2][panelColumns / 4][2][4]. What is too large becomes the largest half.
// Invocations: batch * panels * packed depth / 4 * panelColumns / 4, 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: no FLOPs; reads 4 taps channels columns bytes and writes the packed size.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int ACCESS = 0;
layout(constant_id = 1) const int HALF = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int columns;
    int taps;
    int channels;
    int panelColumns;
    int start;
    int tapStride;
    int channelStride;
    int columnStride;
    ivec4 batchSizes;
    ivec4 batchStrides;
} p;

#include "common/indexing.glsl"
#include "common/block.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

uvec2 halves(vec4 x)
{
    vec4 limited = choose(isInfinite4(x), x, choose(isNan4(x), x, clamp(x, -65504.0, 65504.0)));
    return uvec2(packHalf2x16(limited.xy), packHalf2x16(limited.zw));
}

void main()
{
    int channelTexels = (p.channels + 3) >> 2;
    int depthTexels = ((p.taps * channelTexels + 1) >> 1) * 2;
    int panels = divideUp(p.columns, p.panelColumns);
    int panelTexels = p.panelColumns >> 2;
    ivec2 lane = divide(flatInvocation(), panelTexels);
    ivec2 depth = divide(lane.x, depthTexels);
    ivec2 panel = divide(depth.x, panels);
    int k = depth.y;
    int batch = panel.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    // Without channels there is nothing to divide by, and nothing to load.
    ivec2 tapAndTexel = divide(k, max(channelTexels, 1));
    int tap = tapAndTexel.x;
    int channel = 4 * tapAndTexel.y;
    int column = panel.y * p.panelColumns + 4 * lane.y;
    int start = p.start + dotAxes(axesOf(batch, p.batchSizes), p.batchStrides) + tap * p.tapStride + channel * p.channelStride + column * p.columnStride;
    vec4 block[4];
    LOAD_BLOCK(block, source, ACCESS, start, p.channelStride, p.columnStride, tap < p.taps ? p.channels - channel : 0, p.columns - column)
    int target = (depth.x * depthTexels + k) * p.panelColumns + lane.y;
    if (HALF == 0)
    {
        for (int i = 0; i < 4; i++) result[target + i * panelTexels] = block[i];
        return;
    }
    target = (depth.x * depthTexels + k) * 2 * panelTexels + lane.y;
    for (int i = 0; i < 2; i++) result[target + i * panelTexels] = uintBitsToFloat(uvec4(halves(block[2 * i]), halves(block[2 * i + 1])));
}
