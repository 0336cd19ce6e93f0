#version 450
// Gradient of a convolution in its weights and its bias, over one to three spatial axes. Channels-last, for CPU drivers.
// result[f, c, k] = sum over items n and positions o of upstream[n, o, f] * source[n, o * stride - padding + k * dilation, c]
// biases[f] = sum over n and o of upstream[n, o, f]
// An implicit matrix product whose rows are (tap, channel), whose columns are filters and whose depth runs over (n, o): a block of depth is
// one position per lane. Each lane reads four channels of its own position; a row's element at a depth comes from that depth's lane by shuffle.
//
// Bindings, parameters, specialization constants: see convolution/weight_gradient.glsl.
// Workgroups: ceil((taps * kernel.w + 1 for the bias) / QUADS) * ceil(columns / (4 LANES)) * groups * splits, spread as common/indexing.glsl says.
// Cost: 2 batch positions filters channels taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16 TEXELS LANES=16 QUADS=7 | subgroup=16
//!variant lanes8 TEXELS LANES=8 QUADS=7 | subgroup=8
layout(local_size_x = LANES) in;
#include "convolution/weight_gradient.glsl"

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 quadTile = divide(flatWorkgroup(), divideUp(allTexels(), QUADS));
    ivec2 panelTile = divide(quadTile.x, divideUp(p.columns, 4 * LANES));
    ivec2 groupAndSplit = divide(panelTile.x, p.groups);
    int firstQuad = quadTile.y * QUADS;
    int panel = panelTile.y;
    int group = groupAndSplit.y;
    int split = groupAndSplit.x;
    if (split >= p.splits) return;

    WeightTexel texel[QUADS];
    [[unroll]] for (int q = 0; q < QUADS; q++) texel[q] = weightTexel(firstQuad + q, group);
    int depth = p.batch * positionsOfItem();
    ivec2 blocks = blocksOf(split, depth);
    int columnTexel = min(panel * LANES + lane, (p.columns + 3) / 4 - 1) + group * (p.columns / 4);

    vec4 sum[4 * QUADS];
    [[unroll]] for (int i = 0; i < 4 * QUADS; i++) sum[i] = vec4(0.0);
    for (int block = blocks.x; block < blocks.y; block++)
    {
        int d = block * LANES + lane;
        bool exists = d < depth;
        Window window = windowAt(min(d, depth - 1));
        vec4 left[QUADS];
        [[unroll]] for (int q = 0; q < QUADS; q++)
        {
            ivec3 at = window.corner + texel[q].reach;
            bool inside = exists && all(greaterThanEqual(at, ivec3(0))) && all(lessThan(at, p.inputSizes.xyz));
            int index = (((window.item * p.inputSizes.x + at.x) * p.inputSizes.y + at.y) * p.inputSizes.z + at.z) * p.inputSizes.w + texel[q].channelTexel;
            left[q] = choose(bvec4(inside), LOAD4(source, inside ? index : 0), vec4(0.0));
            if (WITH_BIAS && firstQuad + q == weightTexels()) left[q] = vec4(exists ? 1.0 : 0.0);
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
        if (firstQuad + i / 4 >= allTexels()) continue;
        for (int j = 0; j < 4; j++)
            if (column + j < p.columns) storeSum(split, group, column + j, firstQuad + i / 4, i % 4, sum[i][j]);
    }
}
