#version 450
// Gradient of a convolution in its weights, over one to three spatial axes. Channels-last, for CPU drivers.
// result[f, c, k] = sum over items n and positions o of upstream[n, o, f] * source[n, o * stride - padding + k * dilation, c]
// An implicit matrix product whose rows are (tap, channel), whose columns are filters and whose depth runs over (n, o): a block of depth is
// one position per lane. Each lane reads four channels of its own position; a row's element at a depth comes from that depth's lane by shuffle.
//
// Bindings
//   source   [batch][depth][height][width][channels in fours]
//   upstream [batch][positions][filters in fours]
//   result   [splits][filters][channels of a group][taps], dense; the host sums the splits where there are several
// Parameters: inputSizes, outputSizes, kernel, stride, dilation, padding as convolution/tile.glsl (outputSizes.w: texels of upstream);
//   columns: filters of a group; channels: channels of a group; splits: parts that the depth is cut into, each a workgroup of its own.
//   With several groups the channels and the filters of a group must be multiples of 4.
// Workgroups: ceil(taps * kernel.w / QUADS) * ceil(columns / (4 LANES)) * groups * splits, spread as common/indexing.glsl says.
// Cost: 2 batch positions filters channels taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16 TEXELS LANES=16 QUADS=7 | subgroup=16
//!variant lanes8 TEXELS LANES=8 QUADS=7 | subgroup=8
layout(local_size_x = LANES) in;

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
    int columns;
    int channels;
    int splits;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Upstream, upstream);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    int taps = p.kernel.x * p.kernel.y * p.kernel.z;
    int quadTiles = (taps * p.kernel.w + QUADS - 1) / QUADS;
    int panels = (p.columns + 4 * LANES - 1) / (4 * LANES);
    int tile = flatWorkgroup();
    int firstQuad = tile % quadTiles * QUADS;
    int panel = tile / quadTiles % panels;
    int group = tile / quadTiles / panels % p.groups;
    int split = tile / quadTiles / panels / p.groups;
    if (split >= p.splits) return;

    // The tap and the channel texel of each row quad.
    ivec3 reach[QUADS];
    int texel[QUADS];
    [[unroll]] for (int q = 0; q < QUADS; q++)
    {
        int quad = min(firstQuad + q, taps * p.kernel.w - 1);
        int k = quad / p.kernel.w;
        texel[q] = group * p.kernel.w + quad - k * p.kernel.w;
        reach[q] = ivec3(k / (p.kernel.y * p.kernel.z), k / p.kernel.z % p.kernel.y, k % p.kernel.z) * p.dilation.xyz - p.padding.xyz;
    }
    int positions = p.outputSizes.x * p.outputSizes.y * p.outputSizes.z;
    int depth = p.batch * positions;
    int blocks = (depth + LANES - 1) / LANES;
    int perSplit = (blocks + p.splits - 1) / p.splits;
    int columnTexel = min(panel * LANES + lane, (p.columns + 3) / 4 - 1) + group * (p.columns / 4);

    vec4 sum[4 * QUADS];
    [[unroll]] for (int i = 0; i < 4 * QUADS; i++) sum[i] = vec4(0.0);
    for (int block = split * perSplit; block < min(blocks, (split + 1) * perSplit); block++)
    {
        int d = block * LANES + lane;
        bool exists = d < depth;
        d = min(d, depth - 1);
        ivec2 item = divide(d, positions);
        ivec2 plane = divide(item.y, p.outputSizes.y * p.outputSizes.z);
        ivec2 line = divide(plane.y, p.outputSizes.z);
        int n = item.x;
        ivec3 corner = ivec3(plane.x, line.x, line.y) * p.stride.xyz;
        vec4 left[QUADS];
        [[unroll]] for (int q = 0; q < QUADS; q++)
        {
            ivec3 at = corner + reach[q];
            bool inside = exists && all(greaterThanEqual(at, ivec3(0))) && all(lessThan(at, p.inputSizes.xyz));
            int index = (((n * p.inputSizes.x + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z + at.z) * p.inputSizes.w + texel[q];
            left[q] = choose(bvec4(inside), LOAD4(source, inside ? index : 0), vec4(0.0));
        }
        [[unroll]] for (int half_ = 0; half_ < LANES; half_ += 8)
        {
            vec4 right[8];
            [[unroll]] for (int u = 0; u < 8; u++) right[u] = LOAD4(upstream, min(block * LANES + half_ + u, depth - 1) * p.outputSizes.w + columnTexel);
            [[unroll]] for (int i = 0; i < 4 * QUADS; i++)
            {
                vec4 rowSum = sum[i];
                [[unroll]] for (int u = 0; u < 8; u++) rowSum += subgroupShuffle(left[i / 4][i % 4], uint(half_ + u)) * right[u];
                sum[i] = rowSum;
            }
        }
    }
    int column = (panel * LANES + lane) * 4;
    [[unroll]] for (int i = 0; i < 4 * QUADS; i++)
    {
        int quad = firstQuad + i / 4;
        int k = quad / p.kernel.w;
        int c = (quad - k * p.kernel.w) * 4 + i % 4;
        if (k >= taps || c >= p.channels) continue;
        for (int j = 0; j < 4; j++)
        {
            if (column + j >= p.columns) continue;
            int element = ((split * p.groups * p.columns + group * p.columns + column + j) * p.channels + c) * taps + k;
            STORE1(result, element, sum[i][j]);
        }
    }
}
