#version 450
// Transposed convolution over one to three spatial axes, gathered: result[n, q, f] = program(sum of source[n, i, c] * weight[c, f, k]
// over all taps k, positions i and channels c with i * stride - padding + k * dilation = q). Channels-last, for CPU drivers.
// Output positions are divided into phases by their remainder modulo the stride; within a phase the same taps meet all positions, so that
// no multiplication by an inserted zero is ever made (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, section 4).
//
// Bindings: as convolution/implicit; the weight is packed from IOHW (see gemm/pack_right).
// Parameters: see convolution/tile.glsl; stride, dilation and padding are those of the convolution that this is the adjoint of.
// Workgroups: ceil(batch * positions of the largest phase / ROWS) * ceil(ceil(columns / (4 LANES)) / PANELS) * groups * product of strides,
//   where the largest phase has ceil(output size / stride) positions along each axis.
// Cost: 2 batch input positions filters channels/groups taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16 TEXELS LANES=16 ROWS=28 PANELS=1 DEPTH=8 | subgroup=16
//!variant lanes16_single TEXELS LANES=16 ROWS=28 PANELS=1 DEPTH=4 | subgroup=16
//!variant lanes8 TEXELS LANES=8 ROWS=28 PANELS=1 DEPTH=8 | subgroup=8
//!variant lanes8_single TEXELS LANES=8 ROWS=28 PANELS=1 DEPTH=4 | subgroup=8
layout(local_size_x = LANES) in;
#include "convolution/tile.glsl"
#include "common/tile.glsl"

int modulo(int a, int b)
{
    int r = divide(abs(a), b).y;
    return a < 0 && r != 0 ? b - r : r;
}

// The first tap along an axis that meets a phase, and the step to the next; the kernel's size when none does.
int firstTap(int phase, int axis)
{
    for (int k = 0; k < p.kernel[axis]; k++)
        if (modulo(phase + p.padding[axis] - k * p.dilation[axis], p.stride[axis]) == 0) return k;
    return p.kernel[axis];
}

int tapStep(int axis)
{
    int step = 1;
    while (modulo(step * p.dilation[axis], p.stride[axis]) != 0) step++;
    return step;
}

// The position in the whole output of a row of a phase; negative beyond the last row.
int outputPosition(int row, int positions, ivec3 sizes, ivec3 phase)
{
    ivec2 item = divide(row, positions);
    int n = item.x;
    if (n >= p.batch) return -1;
    ivec2 plane = divide(item.y, sizes.y * sizes.z);
    ivec2 line = divide(plane.y, sizes.z);
    ivec3 place = phase + ivec3(plane.x, line.x, line.y) * p.stride.xyz;
    return ((n * p.outputSizes.x + place.x) * p.outputSizes.y + place.y) * p.outputSizes.z + place.z;
}

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec3 largest = ivec3(divideUp(p.outputSizes.x, p.stride.x), divideUp(p.outputSizes.y, p.stride.y), divideUp(p.outputSizes.z, p.stride.z));
    int panels = int(uint(p.columns + 4 * LANES - 1) / (4 * LANES));
    ivec2 rowTile = divide(flatWorkgroup(), divideUp(p.batch * largest.x * largest.y * largest.z, ROWS));
    ivec2 panelTile = divide(rowTile.x, int(uint(panels + PANELS - 1) / PANELS));
    ivec2 groupTile = divide(panelTile.x, p.groups);
    ivec2 phaseAcross = divide(groupTile.x, p.stride.z);
    ivec2 phaseDown = divide(phaseAcross.x, p.stride.y);
    int row = rowTile.y * ROWS;
    int panel = panelTile.y * PANELS;
    int group = groupTile.y;
    ivec3 phase = ivec3(phaseDown.x, phaseDown.y, phaseAcross.y);
    if (phase.x >= p.stride.x) return;
    ivec3 left = p.outputSizes.xyz - phase;
    ivec3 sizes = ivec3(divideUp(left.x, p.stride.x), divideUp(left.y, p.stride.y), divideUp(left.z, p.stride.z));
    int positions = sizes.x * sizes.y * sizes.z;
    int rows = p.batch * positions;
    if (row >= rows) return;

    ivec3 first = ivec3(firstTap(phase.x, 0), firstTap(phase.y, 1), firstTap(phase.z, 2));
    ivec3 next = ivec3(tapStep(0), tapStep(1), tapStep(2));
    ivec3 taps = ivec3(divideUp(p.kernel.x - first.x, next.x), divideUp(p.kernel.y - first.y, next.y), divideUp(p.kernel.z - first.z, next.z));
    // Where the first tap of the phase meets the source, and how far the next is from it: the stride divides both.
    ivec3 corner[GROUPS_OF_ROWS];
    ivec3 apart = ivec3(divide(next.x * p.dilation.x, p.stride.x).x, divide(next.y * p.dilation.y, p.stride.y).x, divide(next.z * p.dilation.z, p.stride.z).x);
    int item[GROUPS_OF_ROWS];
    [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++)
    {
        int r = min(row + min(g * LANES + lane, ROWS - 1), rows - 1);
        ivec2 item_ = divide(r, positions);
        ivec2 plane = divide(item_.y, sizes.y * sizes.z);
        ivec2 line = divide(plane.y, sizes.z);
        ivec3 reach = phase + ivec3(plane.x, line.x, line.y) * p.stride.xyz + p.padding.xyz - first * p.dilation.xyz;
        ivec3 far = abs(reach);
        corner[g] = sign(reach) * ivec3(divide(far.x, p.stride.x).x, divide(far.y, p.stride.y).x, divide(far.z, p.stride.z).x);
        item[g] = item_.x * p.inputSizes.x * p.inputSizes.y * p.inputSizes.z;
    }
    int weightStart[PANELS];
    [[unroll]] for (int j = 0; j < PANELS; j++)
        weightStart[j] = group * p.groupTexels + min(panel + j, panels - 1) * divide(p.groupTexels, panels).x + lane;

    vec4 sum[ROWS * PANELS];
    [[unroll]] for (int i = 0; i < ROWS * PANELS; i++) sum[i] = vec4(0.0);
    ivec4 place = ivec4(0);
    for (int block = taps.x * taps.y * taps.z * p.kernel.w / TEXELS_OF_DEPTH; block > 0; block--)
    {
        bool inside[GROUPS_OF_ROWS];
        int start[GROUPS_OF_ROWS];
        [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++)
        {
            ivec3 at = corner[g] - place.xyz * apart;
            inside[g] = isInside(at);
            start[g] = inside[g] ? sourceTexel(item[g], at, group, place.w) : 0;
        }
        ivec3 tap = first + place.xyz * next;
        int depth = (((tap.x * p.kernel.y + tap.y) * p.kernel.z + tap.z) * p.kernel.w + place.w) * 4;
        CONVOLVE_STEP(sum, inside, start, depth)
        place = nextPlace(place, taps);
    }
    int column = (panel * LANES + lane) * 4;
    // With one panel the lanes beyond the last filter leave here: asking once is cheaper than asking at every position.
    if (PANELS == 1 && column >= p.storedColumns) return;
    STORE_TILE(sum, int position = outputPosition(row + at / PANELS, positions, sizes, phase);
        if (position >= 0 && (PANELS == 1 || column + (at % PANELS) * 4 * LANES < p.storedColumns)) storeFour(position, group, column + (at % PANELS) * 4 * LANES, sum[i]))
}
