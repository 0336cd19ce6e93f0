#version 450
// Gradient of a convolution in its weights for dense tensors and any groups; the baseline that runs everywhere.
// result[f, c, k] = sum over items n and positions o of upstream[n, f, o] * source[n, c of f's group, o * stride - padding + k * dilation]
//
// Bindings
//   source   [batch][channels][depth][height][width];  upstream [batch][filters][positions];  result [filters][channels / groups][taps]
// Parameters: inputSizes, outputSizes, kernel, stride, dilation, padding along depth, height, width; batch, groups, filters, channels.
// Invocations: filters * channels / groups * taps, 64 in a workgroup.
// Cost: 2 batch positions filters channels/groups taps FLOPs.
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
    int batch;
    int groups;
    int filters;
    int channels;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Upstream, upstream);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int taps = p.kernel.x * p.kernel.y * p.kernel.z;
    int groupChannels = p.channels / p.groups;
    int element = flatInvocation();
    int k = element % taps;
    int c = element / taps % groupChannels;
    int f = element / taps / groupChannels;
    if (f >= p.filters) return;
    c += f / (p.filters / p.groups) * groupChannels;
    ivec3 tap = ivec3(k / (p.kernel.y * p.kernel.z), k / p.kernel.z % p.kernel.y, k % p.kernel.z) * p.dilation.xyz - p.padding.xyz;
    float sum = 0.0;
    for (int n = 0; n < p.batch; n++)
    {
        int plane = (n * p.channels + c) * p.inputSizes.x;
        int line = (n * p.filters + f) * p.outputSizes.x * p.outputSizes.y * p.outputSizes.z;
        for (int z = 0; z < p.outputSizes.x; z++)
            for (int y = 0; y < p.outputSizes.y; y++)
            {
                ivec2 at = ivec2(z, y) * p.stride.xy + tap.xy;
                bool inside = all(greaterThanEqual(at, ivec2(0))) && all(lessThan(at, p.inputSizes.xy));
                int row = ((plane + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z;
                float rowSum = 0.0;
                for (int x = 0; x < p.outputSizes.z; x++)
                {
                    int ix = x * p.stride.z + tap.z;
                    if (inside && ix >= 0 && ix < p.inputSizes.z) rowSum += LOAD1(upstream, line + x) * LOAD1(source, row + ix);
                }
                sum += rowSum;
                line += p.outputSizes.z;
            }
    }
    STORE1(result, element, sum);
}
