#version 450
// Convolution as an implicit matrix product, like convolution/implicit, for few filters and many positions: positions lie along the lanes and
// filters along the rows, so that 24 filters fill 24 rows instead of 24 of 64 columns.
// result[n, o, f] = program(sum over taps k and channels c of source[n, o * stride - padding + k * dilation, c] * weight[f, c, k])
// A lane owns four positions. The four channels of their four texels are four columns of the right matrix at four depths: on a CPU driver,
// whose vectors run across lanes, turning that block costs nothing.
//
// Bindings
//   source  [batch][depth][height][width][channels in fours]
//   weight  packed by gemm/pack_right in panels of ROWS filters: [groups][ceil(columns / ROWS)][taps * channel texels * 4, rounded up to 8][ROWS]
//   result  [batch][depth][height][width][filters in fours]; pad lanes are written as zero
// Parameters: see convolution/tile.glsl. Fewer spatial axes: outer sizes and kernel 1, stride and dilation 1, padding 0.
//   With several groups the channels and the filters of a group must be multiples of 4.
// Workgroups: ceil(batch * output positions / (4 LANES)) * ceil(columns / ROWS) * groups, spread as common/indexing.glsl says.
// Variants named _single take blocks of one channel texel, for groups whose channels are an odd number of texels. SPEED is the measured
//   rate of a variant on whole tiles, that of the best tile of gemm/packed being 100.
// Specialization constants: the pointwise program, with ALIGNED true, see common/epilogue.glsl.
// Cost: 2 batch positions filters channels/groups taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16_rows32 TEXELS LANES=16 ROWS=32 DEPTH=8 SPEED=76 | subgroup=16
//!variant lanes16_rows24 TEXELS LANES=16 ROWS=24 DEPTH=8 SPEED=86 | subgroup=16
//!variant lanes16_rows16 TEXELS LANES=16 ROWS=16 DEPTH=8 SPEED=82 | subgroup=16
//!variant lanes16_rows8 TEXELS LANES=16 ROWS=8 DEPTH=8 SPEED=70 | subgroup=16
//!variant lanes16_rows32_single TEXELS LANES=16 ROWS=32 DEPTH=4 SPEED=76 | subgroup=16
//!variant lanes16_rows24_single TEXELS LANES=16 ROWS=24 DEPTH=4 SPEED=86 | subgroup=16
//!variant lanes16_rows16_single TEXELS LANES=16 ROWS=16 DEPTH=4 SPEED=82 | subgroup=16
//!variant lanes16_rows8_single TEXELS LANES=16 ROWS=8 DEPTH=4 SPEED=70 | subgroup=16
//!variant lanes8_rows24 TEXELS LANES=8 ROWS=24 DEPTH=8 SPEED=86 | subgroup=8
//!variant lanes8_rows16 TEXELS LANES=8 ROWS=16 DEPTH=8 SPEED=82 | subgroup=8
//!variant lanes8_rows8 TEXELS LANES=8 ROWS=8 DEPTH=8 SPEED=70 | subgroup=8
//!variant lanes8_rows24_single TEXELS LANES=8 ROWS=24 DEPTH=4 SPEED=86 | subgroup=8
//!variant lanes8_rows16_single TEXELS LANES=8 ROWS=16 DEPTH=4 SPEED=82 | subgroup=8
//!variant lanes8_rows8_single TEXELS LANES=8 ROWS=8 DEPTH=4 SPEED=70 | subgroup=8
layout(local_size_x = LANES) in;
#define PANELS 1
#include "convolution/tile.glsl"

const int WEIGHT_TEXELS = DEPTH * ROWS / 4;
const int WEIGHT_LOADS = (WEIGHT_TEXELS + LANES - 1) / LANES;

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    int positions = p.outputSizes.x * p.outputSizes.y * p.outputSizes.z;
    int columns = p.batch * positions;
    ivec3 tile = tileOf(columns, divideUp(columns, 4 * LANES), divideUp(p.columns, ROWS), ROWS % 16 == 0);
    int group = tile.z;
    if (group >= p.groups) return;
    int firstFilter = tile.y * ROWS;

    // The lane's positions: where their windows begin, and the first position of their item.
    ivec3 corner[4];
    int item[4];
    [[unroll]] for (int j = 0; j < 4; j++)
    {
        int column = min((tile.x * 4 + j) * LANES + lane, columns - 1);
        ivec2 place = divide(column, positions);
        ivec2 plane = divide(place.y, p.outputSizes.y * p.outputSizes.z);
        ivec2 line = divide(plane.y, p.outputSizes.z);
        corner[j] = ivec3(plane.x, line.x, line.y) * p.stride.xyz - p.padding.xyz;
        item[j] = place.x * p.inputSizes.x * p.inputSizes.y * p.inputSizes.z;
    }
    int depthTexels = ((p.kernel.x * p.kernel.y * p.kernel.z * p.kernel.w + 1) >> 1) * 2;
    int weightStart = group * p.groupTexels + tile.y * depthTexels * ROWS;

    vec4 sum[ROWS];
    [[unroll]] for (int i = 0; i < ROWS; i++) sum[i] = vec4(0.0);
    ivec4 place = ivec4(0);
    for (int blocks = p.kernel.x * p.kernel.y * p.kernel.z * p.kernel.w / TEXELS_OF_DEPTH; blocks > 0; blocks--)
    {
        // The block's weights, ROWS filters at each of DEPTH steps, lie one after another: the lanes load them in turn.
        vec4 leftTexels[WEIGHT_LOADS];
        [[unroll]] for (int g = 0; g < WEIGHT_LOADS; g++) leftTexels[g] = LOAD4(weight, weightStart + min(g * LANES + lane, WEIGHT_TEXELS - 1));
        bool inside[4];
        int start[4];
        [[unroll]] for (int j = 0; j < 4; j++)
        {
            ivec3 at = corner[j] + place.xyz * p.dilation.xyz;
            inside[j] = isInside(at);
            start[j] = inside[j] ? sourceTexel(item[j], at, group, place.w) : 0;
        }
        vec4 rightTexels[DEPTH];
        [[unroll]] for (int b = 0; b < TEXELS_OF_DEPTH; b++)
        {
            vec4 texels[4];
            [[unroll]] for (int j = 0; j < 4; j++) texels[j] = choose(bvec4(inside[j]), LOAD4(source, start[j] + b), vec4(0.0));
            [[unroll]] for (int u = 0; u < 4; u++) rightTexels[4 * b + u] = vec4(texels[0][u], texels[1][u], texels[2][u], texels[3][u]);
        }
        [[unroll]] for (int i = 0; i < ROWS; i++)
        {
            vec4 rowSum = sum[i];
            [[unroll]] for (int u = 0; u < DEPTH; u++)
            {
                int texel = (u * ROWS + i) / 4;
                rowSum += subgroupShuffle(leftTexels[texel / LANES][i % 4], uint(texel % LANES)) * rightTexels[u];
            }
            sum[i] = rowSum;
        }
        weightStart += TEXELS_OF_DEPTH * ROWS;
        place = nextPlace(place, p.kernel.xyz);
    }

    // Four filters of the lane's four positions per iteration, then the array moves up: see STORE_TILE in common/tile.glsl.
    int texels = (p.groups * p.columns + 3) / 4;
    [[dont_unroll]] for (int chunk = 0; chunk < ROWS; chunk += 4)
    {
        int channel = group * p.columns + firstFilter + chunk;
        if (firstFilter + chunk < p.columns)
        {
            bvec4 exists = lessThan(firstFilter + chunk + ivec4(0, 1, 2, 3), ivec4(p.columns));
            [[unroll]] for (int j = 0; j < STORE_CHUNK; j++)
            {
                int position = (tile.x * 4 + j) * LANES + lane;
                if (position < columns)
                {
                    vec4 value = epilogue(vec4(sum[0][j], sum[1][j], sum[2][j], sum[3][j]), OutputPlace((position * texels) * 4 + channel, position, channel, 4));
                    result[position * p.outputSizes.w + p.resultTexel + channel / 4] = choose(exists, value, vec4(0.0));
                }
            }
        }
        [[unroll]] for (int i = 0; i < ROWS; i++) sum[i] = sum[min(i + 4, ROWS - 1)];
    }
}
