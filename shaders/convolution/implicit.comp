#version 450
// Convolution over one to three spatial axes as an implicit matrix product: no unfolded copy of the input exists. Channels-last.
// result[n, o, f] = program(sum over taps k and channels c of source[n, o * stride - padding + k * dilation, c] * weight[f, c, k])
// Written for CPU drivers (see gemm/packed for the style).
//
// Bindings
//   source  [batch][depth][height][width][channels in fours]
//   weight  packed by gemm/pack_right: [groups][ceil(columns / (4 LANES))][taps * channel texels * 4, rounded up to 8][4 LANES]
//   result  [batch][depth][height][width][filters in fours]; pad lanes are written as zero
// Parameters: see convolution/tile.glsl. Fewer spatial axes: outer sizes and kernel 1, stride and dilation 1, padding 0.
//   With several groups the channels and the filters of a group must be multiples of 4.
// Workgroups: ceil(batch * output positions / ROWS) * ceil(ceil(columns / (4 LANES)) / PANELS) * groups, spread as common/indexing.glsl says.
// Variants named _half read weights in half precision, as gemm/packed does. Variants named _rows25 suit 49 and 169 positions. Those named _single take blocks of one channel texel, for groups whose channels are an odd number of texels.
// Specialization constants: the pointwise program, with ALIGNED true, see common/epilogue.glsl.
// Cost: 2 batch positions filters channels/groups taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16 TEXELS LANES=16 ROWS=28 PANELS=1 DEPTH=8 | subgroup=16
//!variant lanes16_rows25 TEXELS LANES=16 ROWS=25 PANELS=1 DEPTH=8 | subgroup=16
//!variant lanes16_single TEXELS LANES=16 ROWS=28 PANELS=1 DEPTH=4 | subgroup=16
//!variant lanes16_rows25_single TEXELS LANES=16 ROWS=25 PANELS=1 DEPTH=4 | subgroup=16
//!variant lanes8 TEXELS LANES=8 ROWS=28 PANELS=1 DEPTH=8 | subgroup=8
//!variant lanes8_single TEXELS LANES=8 ROWS=28 PANELS=1 DEPTH=4 | subgroup=8
//!variant lanes16_half TEXELS LANES=16 ROWS=28 PANELS=1 DEPTH=8 HALF=1 | subgroup=16
//!variant lanes16_rows25_half TEXELS LANES=16 ROWS=25 PANELS=1 DEPTH=8 HALF=1 | subgroup=16
//!variant lanes16_half_single TEXELS LANES=16 ROWS=28 PANELS=1 DEPTH=4 HALF=1 | subgroup=16
//!variant lanes16_rows25_half_single TEXELS LANES=16 ROWS=25 PANELS=1 DEPTH=4 HALF=1 | subgroup=16
//!variant lanes8_half TEXELS LANES=8 ROWS=28 PANELS=1 DEPTH=8 HALF=1 | subgroup=8
//!variant lanes8_half_single TEXELS LANES=8 ROWS=28 PANELS=1 DEPTH=4 HALF=1 | subgroup=8
layout(local_size_x = LANES) in;
#include "convolution/tile.glsl"
#include "common/tile.glsl"

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    int positions = p.outputSizes.x * p.outputSizes.y * p.outputSizes.z;
    int rows = p.batch * positions;
    int panels = int(uint(p.columns + 4 * LANES - 1) / (4 * LANES));
    ivec3 tile = tileOf(rows, divideUp(rows, ROWS), int(uint(panels + PANELS - 1) / PANELS), true);
    int row = tile.x * ROWS;
    int panel = tile.y * PANELS;
    int group = tile.z;
    if (group >= p.groups) return;

    // The lane's rows: where their windows begin, and the first texel of their item.
    ivec3 corner[GROUPS_OF_ROWS];
    int item[GROUPS_OF_ROWS];
    [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++)
    {
        int r = min(row + min(g * LANES + lane, ROWS - 1), rows - 1);
        ivec2 place = divide(r, positions);
        ivec2 plane = divide(place.y, p.outputSizes.y * p.outputSizes.z);
        ivec2 line = divide(plane.y, p.outputSizes.z);
        corner[g] = ivec3(plane.x, line.x, line.y) * p.stride.xyz - p.padding.xyz;
        item[g] = place.x * p.inputSizes.x * p.inputSizes.y * p.inputSizes.z;
    }
    int weightStart[PANELS];
    [[unroll]] for (int j = 0; j < PANELS; j++)
        weightStart[j] = group * p.groupTexels + min(panel + j, panels - 1) * divide(p.groupTexels, panels).x + lane;

    vec4 sum[ROWS * PANELS];
    [[unroll]] for (int i = 0; i < ROWS * PANELS; i++) sum[i] = vec4(0.0);
    ivec4 place = ivec4(0);
    int depth = 0;
    for (int block = p.kernel.x * p.kernel.y * p.kernel.z * p.kernel.w / TEXELS_OF_DEPTH; block > 0; block--)
    {
        bool inside[GROUPS_OF_ROWS];
        int start[GROUPS_OF_ROWS];
        [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++)
        {
            ivec3 at = corner[g] + place.xyz * p.dilation.xyz;
            inside[g] = isInside(at);
            start[g] = inside[g] ? sourceTexel(item[g], at, group, place.w) : 0;
        }
        CONVOLVE_STEP(sum, inside, start, depth)
        depth += DEPTH;
        place = nextPlace(place, p.kernel.xyz);
    }
    int bits = 0;
    int end = min(row + ROWS, rows);
    TOUCH_TILE(bits, result, row, end, panel * 4 * LANES, p.storedColumns, row_ * p.outputSizes.w + p.resultTexel + (group * p.columns + column_) / 4)
    int column = (panel * LANES + lane) * 4 + (bits & (p.batch >> 31));
    // With one panel the lanes beyond the last filter leave here: asking once is cheaper than asking at every position.
    if (PANELS == 1 && column >= p.storedColumns) return;
    STORE_TILE(sum, if (row + at / PANELS < end && (PANELS == 1 || column + (at % PANELS) * 4 * LANES < p.storedColumns))
        storeFour(row + at / PANELS, group, column + (at % PANELS) * 4 * LANES, sum[i]))
}
