#version 450
// Unfolds a dense tensor [N, C, spatial...] so that convolution is a matrix product: column p of the result holds the window of output
// position p (Chellapilla et al., "High performance convolutional neural networks for document processing", 2006).
// result[n, c * taps + k, o] = source[first + n, c, o * stride - padding + k * dilation], or 0 on the padding.
//
// Bindings
//   source  [items][channels][depth][height][width]
//   result  [batch][channels * taps][positions], each row filled up with zeros to rowElements
// Parameters
//   inputSizes, outputSizes, kernel, stride, dilation, padding    along depth, height, width (w unused)
//   first, batch   which items are unfolded;  channels;  rowElements: positions rounded up to a multiple of 4
// Invocations: batch * channels * taps * rowElements / 4, 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: no FLOPs; reads and writes 4 batch channels taps positions bytes each.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes;
    ivec4 outputSizes;
    ivec4 kernel;
    ivec4 stride;
    ivec4 dilation;
    ivec4 padding;
    int first;
    int batch;
    int channels;
    int rowElements;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    ivec2 quad = divide(flatInvocation(), p.rowElements >> 2);
    ivec2 channelTap = divide(quad.x, p.kernel.x * p.kernel.y * p.kernel.z);
    if (channelTap.x >= p.batch * p.channels) return;
    ivec2 tapColumn = divide(channelTap.y, p.kernel.z);
    ivec2 tapRow = divide(tapColumn.x, p.kernel.y);
    ivec3 tap = ivec3(tapRow.x, tapRow.y, tapColumn.y) * p.dilation.xyz - p.padding.xyz;
    int plane = (p.first * p.channels + channelTap.x) * p.inputSizes.x;
    int position = quad.y * 4;
    ivec2 column = divide(position, p.outputSizes.z);
    ivec2 row = divide(column.x, p.outputSizes.y);
    ivec3 o = ivec3(row.x, row.y, column.y);
    vec4 value = vec4(0.0);
    for (int i = 0; i < 4; i++)
    {
        // Positions beyond the last have run out of the output's depth.
        ivec3 at = o * p.stride.xyz + tap;
        bool inside = o.x < p.outputSizes.x && all(greaterThanEqual(at, ivec3(0))) && all(lessThan(at, p.inputSizes.xyz));
        float element = LOAD1(source, inside ? ((plane + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z + at.z : 0);
        value[i] = inside ? element : 0.0;
        o.z++;
        if (o.z == p.outputSizes.z) o = ivec3(o.x, o.y + 1, 0);
        if (o.y == p.outputSizes.y) o = ivec3(o.x + 1, 0, o.z);
    }
    result[quad.x * (p.rowElements >> 2) + quad.y] = value;
}
