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
    int quads = p.rowElements / 4;
    int taps = p.kernel.x * p.kernel.y * p.kernel.z;
    int index = flatInvocation();
    int position = index % quads * 4;
    int line = index / quads;
    int k = line % taps;
    int c = line / taps % p.channels;
    int n = line / taps / p.channels;
    if (n >= p.batch) return;
    ivec3 tap = ivec3(k / (p.kernel.y * p.kernel.z), k / p.kernel.z % p.kernel.y, k % p.kernel.z) * p.dilation.xyz - p.padding.xyz;
    int plane = ((p.first + n) * p.channels + c) * p.inputSizes.x;
    int positions = p.outputSizes.x * p.outputSizes.y * p.outputSizes.z;
    vec4 value = vec4(0.0);
    for (int i = 0; i < 4; i++)
    {
        int o = position + i;
        ivec3 at = ivec3(o / (p.outputSizes.y * p.outputSizes.z), o / p.outputSizes.z % p.outputSizes.y, o % p.outputSizes.z) * p.stride.xyz + tap;
        if (o < positions && all(greaterThanEqual(at, ivec3(0))) && all(lessThan(at, p.inputSizes.xyz)))
            value[i] = LOAD1(source, ((plane + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z + at.z);
    }
    result[line * quads + position / 4] = value;
}
