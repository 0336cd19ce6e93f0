#version 450
// Depthwise convolution over one to three spatial axes: every channel has one filter of its own. Channels-last.
// result[n, o, c] = program(sum over taps k of source[n, o * stride - padding + k * dilation, c] * weight[k, c])
//
// Bindings
//   source  [batch][depth][height][width][channels in fours]
//   weight  [taps][channels in fours], zero in the pad lanes, as gemm/pack_right makes it with panels of 4 from one column per tap (see the host)
//   result  [batch][depth][height][width][channels in fours]; pad lanes are written as zero
// Parameters: inputSizes, outputSizes, kernel, stride, dilation, padding, batch as in convolution/tile.glsl; channels is the true number.
// Invocations: channel texels * ceil(width / 4) * height * depth * batch, 64 in a workgroup, spread as common/indexing.glsl says;
//   each makes four neighbouring positions of a row for four channels.
// Specialization constants: the pointwise program, with ALIGNED true. TAPS and STEP: kernel size and stride along the width where they are
//   at most 5 and 2 and the dilation there is 1, so that neighbouring positions share what they read; TAPS = 0 for all else.
// Cost: 2 batch positions channels taps FLOPs; bytes: source and result once from memory, the taps from a cache.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int TAPS = 0;
layout(constant_id = 1) const int STEP = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes;
    ivec4 outputSizes;
    ivec4 kernel;
    ivec4 stride;
    ivec4 dilation;
    ivec4 padding;
    int batch;
    int channels;
    int resultTexel;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Weight, weight);
OUTPUT_TENSOR(3, Result, result);

const int RUN = 4;
const int MOST_INPUTS = (RUN - 1) * 2 + 5;

void main()
{
    int texels = (p.channels + 3) / 4;
    int runs = (p.outputSizes.z + RUN - 1) / RUN;
    ivec2 channel = divide(flatInvocation(), texels);
    ivec2 run = divide(channel.x, runs);
    ivec2 line = divide(run.x, p.outputSizes.y);
    ivec2 plane = divide(line.x, p.outputSizes.x);
    int c = channel.y;
    int x = run.y * RUN;
    int y = line.y;
    int z = plane.y;
    int n = plane.x;
    if (n >= p.batch) return;

    ivec3 corner = ivec3(z, y, x) * p.stride.xyz - p.padding.xyz;
    vec4 sum[RUN];
    [[unroll]] for (int i = 0; i < RUN; i++) sum[i] = vec4(0.0);
    int tap = 0;
    for (int kz = 0; kz < p.kernel.x; kz++)
        for (int ky = 0; ky < p.kernel.y; ky++)
        {
            int iz = corner.x + kz * p.dilation.x;
            int iy = corner.y + ky * p.dilation.y;
            bool rowInside = iz >= 0 && iz < p.inputSizes.x && iy >= 0 && iy < p.inputSizes.y;
            int rowStart = ((n * p.inputSizes.x + iz) * p.inputSizes.y + iy) * p.inputSizes.z;
            if (TAPS > 0)
            {
                vec4 inputs[MOST_INPUTS];
                [[unroll]] for (int i = 0; i < (RUN - 1) * STEP + TAPS; i++)
                {
                    int ix = corner.z + i;
                    bool inside = rowInside && ix >= 0 && ix < p.inputSizes.z;
                    inputs[i] = choose(bvec4(inside), LOAD4(source, inside ? (rowStart + ix) * p.inputSizes.w + c : 0), vec4(0.0));
                }
                [[unroll]] for (int k = 0; k < TAPS; k++)
                {
                    vec4 w = LOAD4(weight, (tap + k) * texels + c);
                    [[unroll]] for (int i = 0; i < RUN; i++) sum[i] += inputs[i * STEP + k] * w;
                }
                tap += TAPS;
            }
            else for (int kx = 0; kx < p.kernel.z; kx++)
            {
                vec4 w = LOAD4(weight, tap * texels + c);
                [[unroll]] for (int i = 0; i < RUN; i++)
                {
                    int ix = corner.z + i * p.stride.z + kx * p.dilation.z;
                    bool inside = rowInside && ix >= 0 && ix < p.inputSizes.z;
                    sum[i] += choose(bvec4(inside), LOAD4(source, inside ? (rowStart + ix) * p.inputSizes.w + c : 0), vec4(0.0)) * w;
                }
                tap++;
            }
        }
    int position = ((n * p.outputSizes.x + z) * p.outputSizes.y + y) * p.outputSizes.z + x;
    [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
    {
        if (x + i >= p.outputSizes.z) continue;
        vec4 value = epilogue(sum[i], OutputPlace(((position + i) * texels + c) * 4, position + i, c * 4, 4));
        result[(position + i) * p.outputSizes.w + p.resultTexel + c] = choose(lessThan(c * 4 + ivec4(0, 1, 2, 3), ivec4(p.channels)), value, vec4(0.0));
    }
}
