#version 450
// Depthwise convolution over one to three spatial axes: every channel has one filter of its own. Channels-last.
// result[n, o, c] = program(sum over taps k of source[n, o * stride - padding + k * dilation, c] * weight[k, c])
//
// Bindings
//   source  [batch][depth][height][width][channels in fours]
//   weight  [taps][channels in fours], zero in the pad lanes, as gemm/pack_right makes it with panels of 4 from one column per tap (see the host)
//   result  [batch][depth][height][width][channels in fours]; pad lanes are written as zero
// Parameters: inputSizes, outputSizes, kernel, stride, dilation, padding, batch as in convolution/tile.glsl; channels is the true number.
// Invocations: channel texels * ceil(width / 4) * ceil(height / LINES) * depth * batch, 64 in a workgroup, spread as common/indexing.glsl
//   says; each makes four neighbouring positions of LINES rows for four channels.
// Specialization constants: the pointwise program, with ALIGNED true. TAPS and STEP, TAPS_DOWN and STEP_DOWN: kernel size and stride along
//   the width and the height where all of them are at most 5 and 2 and the dilations are 1, so that neighbouring positions share what they
//   read; TAPS = 0 for all else. DEEP: whether the kernel's depth is more than 1. LINES: 1, 2 or 4; 1 for TAPS = 0.
//   TOUCHED: whether the result is touched first (common/tensors.glsl), for CPU drivers.
// Cost: 2 batch positions channels taps FLOPs; bytes: source and result once from memory, the taps from a cache.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int TAPS = 0;
layout(constant_id = 1) const int STEP = 1;
layout(constant_id = 2) const int TAPS_DOWN = 0;
layout(constant_id = 3) const int STEP_DOWN = 1;
layout(constant_id = 4) const int DEEP = 0;
layout(constant_id = 5) const int LINES = 1;
layout(constant_id = 6) const bool TOUCHED = false;

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
TOUCHED_OUTPUT_TENSOR(3, Result, result);

const int RUN = 4;
const int MOST_LINES = 4;
const int MOST_INPUTS = (RUN - 1) * 2 + 5;
const int MOST_TAPS = 25;

// Touches what sixteen neighbouring invocations, sixteen texels of one position as a rule, are going to store: a line of four texels each at a time.
int touch(int position, int c, int texels, int columns, int rows)
{
    int bits = 0;
    int lane = int(gl_LocalInvocationID.x) & 15;
    int texel = p.resultTexel + clamp(c - lane + 4 * (lane & 3), 0, texels - 1);
    [[unroll]] for (int t = 0; t < LINES; t++)
        bits |= TOUCH(result, (position + min(t, rows - 1) * p.outputSizes.z + min(lane >> 2, columns - 1)) * p.outputSizes.w + texel);
    return bits & (p.batch >> 31);
}

void main()
{
    int texels = (p.channels + 3) / 4;
    int runs = (p.outputSizes.z + RUN - 1) / RUN;
    ivec2 channel = divide(flatInvocation(), texels);
    ivec2 run = divide(channel.x, runs);
    ivec2 block = divide(run.x, divideUp(p.outputSizes.y, LINES));
    ivec2 plane = divide(block.x, p.outputSizes.x);
    int c = channel.y;
    int x = run.y * RUN;
    int y = block.y * LINES;
    int z = plane.y;
    int n = plane.x;
    if (n >= p.batch) return;

    ivec3 corner = ivec3(z, y, x) * p.stride.xyz - p.padding.xyz;
    int first = ((n * p.outputSizes.x + z) * p.outputSizes.y + y) * p.outputSizes.z + x;
    if (TOUCHED) first += touch(first, c, texels, min(p.outputSizes.z - x, RUN), min(p.outputSizes.y - y, LINES));
    vec4 sum[MOST_LINES * RUN];
    [[unroll]] for (int i = 0; i < LINES * RUN; i++) sum[i] = vec4(0.0);
    if (TAPS > 0)
    {
        // All rows are unrolled: in a loop whose end is not known to the driver a texel load takes twice as long.
        [[unroll]] for (int kz = 0; kz < (DEEP != 0 ? p.kernel.x : 1); kz++)
        {
            vec4 weights[MOST_TAPS];
            [[unroll]] for (int i = 0; i < TAPS * TAPS_DOWN; i++) weights[i] = LOAD4(weight, (kz * TAPS * TAPS_DOWN + i) * texels + c);
            int iz = corner.x + kz * p.dilation.x;
            [[unroll]] for (int r = 0; r < (LINES - 1) * STEP_DOWN + TAPS_DOWN; r++)
            {
                int iy = corner.y + r;
                bool rowInside = iz >= 0 && iz < p.inputSizes.x && iy >= 0 && iy < p.inputSizes.y;
                int rowStart = ((n * p.inputSizes.x + iz) * p.inputSizes.y + iy) * p.inputSizes.z;
                vec4 inputs[MOST_INPUTS];
                [[unroll]] for (int i = 0; i < (RUN - 1) * STEP + TAPS; i++)
                {
                    int ix = corner.z + i;
                    bool inside = rowInside && ix >= 0 && ix < p.inputSizes.z;
                    inputs[i] = choose(bvec4(inside), LOAD4(source, inside ? (rowStart + ix) * p.inputSizes.w + c : 0), vec4(0.0));
                }
                [[unroll]] for (int t = 0; t < LINES; t++)
                {
                    int tap = r - t * STEP_DOWN;
                    if (tap < 0 || tap >= TAPS_DOWN) continue;
                    [[unroll]] for (int k = 0; k < TAPS; k++)
                        [[unroll]] for (int i = 0; i < RUN; i++) sum[t * RUN + i] += inputs[i * STEP + k] * weights[tap * TAPS + k];
                }
            }
        }
    }
    else
    {
        int tap = 0;
        for (int kz = 0; kz < p.kernel.x; kz++)
            for (int ky = 0; ky < p.kernel.y; ky++)
            {
                int iz = corner.x + kz * p.dilation.x;
                int iy = corner.y + ky * p.dilation.y;
                bool rowInside = iz >= 0 && iz < p.inputSizes.x && iy >= 0 && iy < p.inputSizes.y;
                int rowStart = ((n * p.inputSizes.x + iz) * p.inputSizes.y + iy) * p.inputSizes.z;
                for (int kx = 0; kx < p.kernel.z; kx++)
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
    }
    [[dont_unroll]] for (int t = 0; t < LINES; t++)
    {
        if (y + t >= p.outputSizes.y) break;
        int position = first + t * p.outputSizes.z;
        [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
        {
            if (x + i >= p.outputSizes.z) continue;
            vec4 value = epilogue(sum[i], OutputPlace(((position + i) * texels + c) * 4, position + i, c * 4, 4));
            result[(position + i) * p.outputSizes.w + p.resultTexel + c] = choose(lessThan(c * 4 + ivec4(0, 1, 2, 3), ivec4(p.channels)), value, vec4(0.0));
        }
        // The array moves up instead of being indexed by a variable.
        [[unroll]] for (int i = RUN; i < LINES * RUN; i++) sum[i - RUN] = sum[i];
    }
}
