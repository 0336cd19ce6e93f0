#version 450
// Convolution as an implicit matrix product, like convolution/positions, for few filters: a lane owns a run of four neighbouring positions, so
// that the taps along the width share what they read. Five taps of a run want eight texels, not twenty.
// result[n, o, f] = program(sum over taps k and channels c of source[n, o * stride - padding + k * dilation, c] * weight[f, c, k])
//
// Bindings
//   source  [batch][depth][height][width][channels in fours]
//   weight  packed by gemm/pack_right in panels of ROWS filters: [groups][ceil(columns / ROWS)][taps * channel texels * 4, rounded up to 8][ROWS]
//   result  [batch][depth][height][width][filters in fours]; pad lanes are written as zero
// Parameters: see convolution/tile.glsl; along the width dilation is 1. With several groups the channels and the filters of a group must be
//   multiples of 4.
// Workgroups: ceil(batch * output depth * output height * ceil(output width / 4) / LANES) * ceil(columns / ROWS) * groups, spread as
//   common/indexing.glsl says. SPEED is the measured rate of a variant on whole tiles for three taps of stride 1, that of
//   convolution/implicit being 100.
// Specialization constants: TAPS along the width, up to 11; STEP, the stride along the width, up to 4; CHANNELS of a texel that are not zero
//   everywhere; the pointwise program, with ALIGNED true, see common/epilogue.glsl.
// Cost: 2 batch positions filters channels/groups taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16_run24 TEXELS LANES=16 ROWS=24 SPEED=108 | subgroup=16
//!variant lanes16_run16 TEXELS LANES=16 ROWS=16 SPEED=100 | subgroup=16
//!variant lanes16_run8 TEXELS LANES=16 ROWS=8 SPEED=75 | subgroup=16
//!variant lanes8_run16 TEXELS LANES=8 ROWS=16 SPEED=100 | subgroup=8
//!variant lanes8_run8 TEXELS LANES=8 ROWS=8 SPEED=75 | subgroup=8
layout(local_size_x = LANES) in;
#define PANELS 1
#define DEPTH 4
#include "convolution/tile.glsl"

layout(constant_id = 0) const int TAPS = 3;
layout(constant_id = 1) const int STEP = 1;
layout(constant_id = 2) const int CHANNELS = 4;

const int RUN = 4;
const int MOST_TAPS = 11;
const int MOST_STEP = 4;
const int MOST_INPUTS = (RUN - 1) * MOST_STEP + MOST_TAPS;
const int MOST_WEIGHT_LOADS = (MOST_TAPS * ROWS + LANES - 1) / LANES;

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    int runs = (p.outputSizes.z + RUN - 1) / RUN;
    int columns = p.batch * p.outputSizes.x * p.outputSizes.y * runs;
    ivec3 tile = tileOf(columns * RUN, divideUp(columns, LANES), divideUp(p.columns, ROWS), ROWS % 16 == 0);
    int group = tile.z;
    if (group >= p.groups) return;
    int firstFilter = tile.y * ROWS;

    int column = tile.x * LANES + lane;
    ivec2 run = divide(min(column, columns - 1), runs);
    ivec2 line = divide(run.x, p.outputSizes.y);
    ivec2 plane = divide(line.x, p.outputSizes.x);
    int x = run.y * RUN;
    ivec3 corner = ivec3(plane.y, line.y, x) * p.stride.xyz - p.padding.xyz;
    int depthTexels = ((p.kernel.x * p.kernel.y * TAPS * p.kernel.w + 1) >> 1) * 2;
    int block = group * p.groupTexels + tile.y * depthTexels * ROWS;
    // Where the lane finds its share of the weights of a row of taps: each tap's ROWS filters at four channels are ROWS texels.
    int share[MOST_WEIGHT_LOADS];
    [[unroll]] for (int g = 0; g < (TAPS * ROWS + LANES - 1) / LANES; g++)
    {
        int texel = min(g * LANES + lane, TAPS * ROWS - 1);
        share[g] = texel / ROWS * p.kernel.w * ROWS + texel % ROWS;
    }

    vec4 sum[ROWS];
    [[unroll]] for (int i = 0; i < ROWS; i++) sum[i] = vec4(0.0);
    // One loop over (kz, ky, channel texel): each level more would blend every sum with the execution mask once more.
    ivec3 step = ivec3(0);
    for (int iteration = p.kernel.x * p.kernel.y * p.kernel.w; iteration > 0; iteration--)
    {
        ivec2 at = corner.xy + step.xy * p.dilation.xy;
        // Below zero is beyond any size when read as unsigned.
        bool rowInside = uint(at.x) < uint(p.inputSizes.x) && uint(at.y) < uint(p.inputSizes.y);
        int first = rowInside ? corner.z : -(1 << 28);
        int start = (((plane.x * p.inputSizes.x + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z + corner.z) * p.inputSizes.w + group * p.kernel.w + step.z;
        vec4 inputs[MOST_INPUTS];
        [[unroll]] for (int i = 0; i < (RUN - 1) * STEP + TAPS; i++)
        {
            bool inside = uint(first + i) < uint(p.inputSizes.z);
            inputs[i] = choose(bvec4(inside), LOAD4(source, inside ? start + i * p.inputSizes.w : 0), vec4(0.0));
        }
        vec4 weights[MOST_WEIGHT_LOADS];
        [[unroll]] for (int g = 0; g < (TAPS * ROWS + LANES - 1) / LANES; g++) weights[g] = LOAD4(weight, block + step.z * ROWS + share[g]);
        [[unroll]] for (int i = 0; i < ROWS; i++)
        {
            vec4 rowSum = sum[i];
            [[unroll]] for (int k = 0; k < TAPS; k++)
                [[unroll]] for (int u = 0; u < CHANNELS; u++)
                {
                    int texel = k * ROWS + (u * ROWS + i) / 4;
                    rowSum += subgroupShuffle(weights[texel / LANES][i % 4], uint(texel % LANES)) * vec4(inputs[k][u], inputs[STEP + k][u], inputs[2 * STEP + k][u], inputs[3 * STEP + k][u]);
                }
            sum[i] = rowSum;
        }
        step.z++;
        if (step.z == p.kernel.w)
        {
            block += TAPS * p.kernel.w * ROWS;
            step = ivec3(step.x, step.y + 1, 0);
            if (step.y == p.kernel.y) step = ivec3(step.x + 1, 0, 0);
        }
    }

    // Four filters of the run per iteration, then the array moves up: see STORE_TILE in common/tile.glsl.
    int texels = (p.groups * p.columns + 3) / 4;
    int position = run.x * p.outputSizes.z + x;
    [[dont_unroll]] for (int chunk = 0; chunk < ROWS; chunk += 4)
    {
        int channel = group * p.columns + firstFilter + chunk;
        if (firstFilter + chunk < p.columns && column < columns)
        {
            bvec4 exists = lessThan(firstFilter + chunk + ivec4(0, 1, 2, 3), ivec4(p.columns));
            [[unroll]] for (int j = 0; j < STORE_CHUNK; j++)
            {
                if (x + j < p.outputSizes.z)
                {
                    vec4 value = epilogue(vec4(sum[0][j], sum[1][j], sum[2][j], sum[3][j]), OutputPlace(((position + j) * texels) * 4 + channel, position + j, channel, 4));
                    result[(position + j) * p.outputSizes.w + p.resultTexel + channel / 4] = choose(exists, value, vec4(0.0));
                }
            }
        }
        [[unroll]] for (int i = 0; i < ROWS; i++) sum[i] = sum[min(i + 4, ROWS - 1)];
    }
}
