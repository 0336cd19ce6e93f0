#version 450
// Unfolds the windows of a convolution whose positions are one texel (pictures: one to four channels) into the left matrix of gemm/packed.
// Rows are output positions; depth runs over (tap row, tap along the width, channel) with the channels packed tightly and each tap row
// filled up to a texel: three channels waste a quarter of the multiplications of convolution/implicit, whose channels come in fours.
//
// Bindings
//   source  [batch][depth][height][width][4], channels-last
//   result  [ceil(rowCount / lanes)][depthTexels][lanes][4], as gemm/pack_left makes it
// Parameters
//   inputSizes, outputSizes, kernel, stride, dilation, padding   over three axes as in convolution/tile.glsl
//   rowTexels     texels of a tap row: ceil(kernel width * CHANNELS / 4)
//   depthTexels   tap rows * rowTexels, rounded up to 2
//   firstRow, rowCount   the output positions of this call, numbered over all items
//   lanes         LANES of the gemm/packed variant that will read the result
// Specialization constants: CHANNELS, 1 ... 4.
// Invocations: ceil(rowCount / lanes) * lanes * (tap rows * ceil(kernel width / 4) + 1), 64 in a workgroup, spread as common/indexing.glsl says;
//   each turns four taps of one position into CHANNELS texels. The last of a row's writes the zeros that round the depth up.
// Cost: bytes: 16 taps rowCount read, mostly from a cache, and 16 depthTexels rowCount written.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int CHANNELS = 3;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes;
    ivec4 outputSizes;
    ivec4 kernel;
    ivec4 stride;
    ivec4 dilation;
    ivec4 padding;
    int rowTexels;
    int depthTexels;
    int firstRow;
    int rowCount;
    int lanes;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int widthQuads = (p.kernel.z + 3) >> 2;
    int tapRows = p.kernel.x * p.kernel.y;
    ivec2 lane = divide(flatInvocation(), p.lanes);
    ivec2 part = divide(lane.x, tapRows * widthQuads + 1);
    int row = part.x * p.lanes + lane.y;
    if (part.x * p.lanes >= p.rowCount) return;
    int target = part.x * p.depthTexels * p.lanes + lane.y;
    ivec2 tapRow = divide(part.y, widthQuads);
    if (tapRow.x >= tapRows)
    {
        if (((tapRows * p.rowTexels) & 1) != 0) result[target + (p.depthTexels - 1) * p.lanes] = vec4(0.0);
        return;
    }
    ivec2 kernelRow = divide(tapRow.x, p.kernel.y);

    ivec2 column = divide(p.firstRow + min(row, p.rowCount - 1), p.outputSizes.z);
    ivec2 line = divide(column.x, p.outputSizes.y);
    ivec2 plane = divide(line.x, p.outputSizes.x);
    ivec3 at = ivec3(plane.y, line.y, column.y) * p.stride.xyz - p.padding.xyz + ivec3(kernelRow.x, kernelRow.y, 4 * tapRow.y) * p.dilation.xyz;
    bool rowInside = at.x >= 0 && at.x < p.inputSizes.x && at.y >= 0 && at.y < p.inputSizes.y;
    int start = ((plane.x * p.inputSizes.x + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z;
    vec4 taps[4];
    [[unroll]] for (int i = 0; i < 4; i++)
    {
        int x = at.z + i * p.dilation.z;
        bool inside = rowInside && x >= 0 && x < p.inputSizes.z && 4 * tapRow.y + i < p.kernel.z;
        taps[i] = choose(bvec4(inside), LOAD4(source, inside ? start + x : 0), vec4(0.0));
    }
    target += (tapRow.x * p.rowTexels + tapRow.y * CHANNELS) * p.lanes;
    int texels = p.rowTexels - tapRow.y * CHANNELS;
    if (CHANNELS == 1) result[target] = vec4(taps[0].x, taps[1].x, taps[2].x, taps[3].x);
    if (CHANNELS == 2)
    {
        result[target] = vec4(taps[0].xy, taps[1].xy);
        if (texels > 1) result[target + p.lanes] = vec4(taps[2].xy, taps[3].xy);
    }
    if (CHANNELS == 3)
    {
        result[target] = vec4(taps[0].xyz, taps[1].x);
        if (texels > 1) result[target + p.lanes] = vec4(taps[1].yz, taps[2].xy);
        if (texels > 2) result[target + 2 * p.lanes] = vec4(taps[2].z, taps[3].xyz);
    }
    if (CHANNELS == 4)
    {
        [[unroll]] for (int i = 0; i < 4; i++) if (i < texels) result[target + i * p.lanes] = taps[i];
    }
}
