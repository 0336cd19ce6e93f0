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
    int r = a % b;
    return r < 0 ? r + b : r;
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
    ivec3 largest = (p.outputSizes.xyz + p.stride.xyz - 1) / p.stride.xyz;
    int rowTiles = (p.batch * largest.x * largest.y * largest.z + ROWS - 1) / ROWS;
    int panels = (p.columns + 4 * LANES - 1) / (4 * LANES);
    int panelTiles = (panels + PANELS - 1) / PANELS;
    int tile = flatWorkgroup();
    int row = (tile % rowTiles) * ROWS;
    int panel = (tile / rowTiles) % panelTiles * PANELS;
    tile = tile / rowTiles / panelTiles;
    int group = tile % p.groups;
    tile /= p.groups;
    ivec3 phase = ivec3(tile / (p.stride.y * p.stride.z), tile / p.stride.z % p.stride.y, tile % p.stride.z);
    if (phase.x >= p.stride.x) return;
    ivec3 sizes = (p.outputSizes.xyz - phase + p.stride.xyz - 1) / p.stride.xyz;
    int positions = sizes.x * sizes.y * sizes.z;
    int rows = p.batch * positions;
    if (row >= rows) return;

    ivec3 first = ivec3(firstTap(phase.x, 0), firstTap(phase.y, 1), firstTap(phase.z, 2));
    ivec3 next = ivec3(tapStep(0), tapStep(1), tapStep(2));
    ivec3 corner[GROUPS_OF_ROWS];
    int item[GROUPS_OF_ROWS];
    [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++)
    {
        int r = min(row + min(g * LANES + lane, ROWS - 1), rows - 1);
        ivec2 item_ = divide(r, positions);
        ivec2 plane = divide(item_.y, sizes.y * sizes.z);
        ivec2 line = divide(plane.y, sizes.z);
        ivec3 place = ivec3(plane.x, line.x, line.y);
        corner[g] = phase + place * p.stride.xyz + p.padding.xyz;
        item[g] = item_.x * p.inputSizes.x * p.inputSizes.y * p.inputSizes.z;
    }
    int weightStart[PANELS];
    [[unroll]] for (int j = 0; j < PANELS; j++)
        weightStart[j] = group * p.groupTexels + min(panel + j, panels - 1) * (p.groupTexels / panels) + lane;

    vec4 sum[ROWS * PANELS];
    [[unroll]] for (int i = 0; i < ROWS * PANELS; i++) sum[i] = vec4(0.0);
    for (int kz = first.x; kz < p.kernel.x; kz += next.x)
        for (int ky = first.y; ky < p.kernel.y; ky += next.y)
            for (int kx = first.z; kx < p.kernel.z; kx += next.z)
            {
                int start[GROUPS_OF_ROWS];
                [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++)
                {
                    // Divisible by the stride, because the taps of the phase are; negative only on the padding.
                    ivec3 reach = corner[g] - ivec3(kz, ky, kx) * p.dilation.xyz;
                    ivec3 at = ivec3(divide(max(reach.x, 0), p.stride.x).x, divide(max(reach.y, 0), p.stride.y).x, divide(max(reach.z, 0), p.stride.z).x);
                    bool inside = all(greaterThanEqual(reach, ivec3(0))) && all(lessThan(at, p.inputSizes.xyz));
                    start[g] = inside ? (item[g] + (at.x * p.inputSizes.y + at.y) * p.inputSizes.z + at.z) * p.inputSizes.w + group * p.kernel.w : -1;
                }
                int tap = (kz * p.kernel.y + ky) * p.kernel.z + kx;
                CONVOLVE_TAP(sum, start, tap)
            }
    int column = (panel * LANES + lane) * 4;
    // With one panel the lanes beyond the last filter leave here: asking once is cheaper than asking at every position.
    if (PANELS == 1 && column >= p.storedColumns) return;
    STORE_TILE(sum, int position = outputPosition(row + at / PANELS, positions, sizes, phase);
        if (position >= 0 && (PANELS == 1 || column + (at % PANELS) * 4 * LANES < p.storedColumns)) storeFour(position, group, column + (at % PANELS) * 4 * LANES, sum[i]))
}
