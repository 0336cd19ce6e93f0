#version 450
// Gradient of a convolution in its weights and its bias, like convolution/weight_gradient, for few filters: filters are the rows, and taps and
// channels lie along the lanes, so that 16 filters fill 16 rows instead of 16 of 64 columns.
// result[f, c, k] = sum over items n and positions o of upstream[n, o, f] * source[n, o * stride - padding + k * dilation, c]
// biases[f] = sum over n and o of upstream[n, o, f]
// A block of depth is one position per lane. Each lane reads the filters' texels of its own position and gives them away by shuffle; of every
// position it reads the texel at its own tap.
//
// Bindings, parameters, specialization constants: see convolution/weight_gradient.glsl. Besides, upstream may be given before elements are
// repeated along the axes (REPEATED, repeat, givenSizes: the gradient behind mean pooling), and a pointwise program is a prologue here: it
// runs on every element of upstream read, its operands read at the same place or as one element (see common/epilogue.glsl).
// Workgroups: ceil((taps * kernel.w + 1 for the bias) / LANES) * ceil(columns / ROWS) * groups * splits, spread as common/indexing.glsl says.
// SPEED is the measured rate of a variant on whole tiles, that of convolution/weight_gradient being 100.
// Cost: 2 batch positions filters channels taps FLOPs.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16_rows24 TEXELS LANES=16 ROWS=24 SPEED=70 | subgroup=16
//!variant lanes16_rows16 TEXELS LANES=16 ROWS=16 SPEED=60 | subgroup=16
//!variant lanes16_rows8 TEXELS LANES=16 ROWS=8 SPEED=40 | subgroup=16
//!variant lanes8_rows16 TEXELS LANES=8 ROWS=16 SPEED=60 | subgroup=8
//!variant lanes8_rows8 TEXELS LANES=8 ROWS=8 SPEED=40 | subgroup=8
layout(local_size_x = LANES) in;
#include "convolution/weight_gradient.glsl"
#include "common/epilogue.glsl"

layout(constant_id = 2) const bool REPEATED = false;

// Four filters of the gradient at a position, computed as they are read: repeated, then the program.
vec4 upstreamAt(int position, Window window, int texel)
{
    int from = position;
    if (REPEATED)
    {
        ivec3 place = ivec3(divide(window.place.x, p.repeat.x).x, divide(window.place.y, p.repeat.y).x, divide(window.place.z, p.repeat.z).x);
        from = ((window.item * p.givenSizes.x + place.x) * p.givenSizes.y + place.y) * p.givenSizes.z + place.z;
    }
    vec4 value = LOAD4(upstream, from * p.outputSizes.w + texel);
    return epilogue(value, OutputPlace(4 * (position * p.outputSizes.w + texel), 0, 0, 4));
}

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 texelTile = divide(flatWorkgroup(), divideUp(allTexels(), LANES));
    ivec2 rowTile = divide(texelTile.x, divideUp(p.columns, ROWS));
    ivec2 groupAndSplit = divide(rowTile.x, p.groups);
    int number = texelTile.y * LANES + lane;
    int firstFilter = rowTile.y * ROWS;
    int group = groupAndSplit.y;
    int split = groupAndSplit.x;
    if (split >= p.splits) return;

    WeightTexel texel = weightTexel(number, group);
    bool isBias = WITH_BIAS && number == weightTexels();
    int shift = ((texel.reach.x * p.inputSizes.y + texel.reach.y) * p.inputSizes.z + texel.reach.z) * p.inputSizes.w + texel.channelTexel;
    int depth = p.batch * positionsOfItem();
    ivec2 blocks = blocksOf(split, depth);

    vec4 sum[ROWS];
    [[unroll]] for (int i = 0; i < ROWS; i++) sum[i] = vec4(0.0);
    for (int block = blocks.x; block < blocks.y; block++)
    {
        int d = block * LANES + lane;
        bool exists = d < depth;
        d = min(d, depth - 1);
        Window window = windowAt(d);
        vec4 left[ROWS / 4];
        // Not unrolled here, lest the program be copied; drivers do it.
        for (int q = 0; q < ROWS / 4; q++)
            left[q] = choose(bvec4(exists), upstreamAt(d, window, (group * p.columns) / 4 + min(firstFilter / 4 + q, (p.columns - 1) / 4)), vec4(0.0));
        // Beyond the last position every tap is outside.
        ivec3 corner = exists ? window.corner : ivec3(-1 << 24);
        int start = (((window.item * p.inputSizes.x + window.corner.x) * p.inputSizes.y + window.corner.y) * p.inputSizes.z + window.corner.z) * p.inputSizes.w;
        [[unroll]] for (int half_ = 0; half_ < LANES; half_ += 8)
        {
            vec4 right[8];
            [[unroll]] for (int u = 0; u < 8; u++)
            {
                uint from = uint(half_ + u);
                ivec3 at = ivec3(subgroupShuffle(corner.x, from), subgroupShuffle(corner.y, from), subgroupShuffle(corner.z, from)) + texel.reach;
                // Below zero is beyond any size when read as unsigned.
                bool inside = all(lessThan(uvec3(at), uvec3(p.inputSizes.xyz)));
                int index = subgroupShuffle(start, from) + shift;
                right[u] = choose(bvec4(inside), LOAD4(source, inside ? index : 0), vec4(0.0));
                if (WITH_BIAS) right[u] = choose(bvec4(isBias), vec4(1.0, 0.0, 0.0, 0.0), right[u]);
            }
            [[unroll]] for (int i = 0; i < ROWS; i++)
            {
                vec4 rowSum = sum[i];
                [[unroll]] for (int u = 0; u < 8; u++)
                {
                    float x = subgroupShuffle(left[i / 4][i % 4], uint(half_ + u));
                    if (CHANNELS == 1) rowSum.x += x * right[u].x;
                    else rowSum += x * right[u];
                }
                sum[i] = rowSum;
            }
        }
    }
    if (number >= allTexels()) return;
    [[unroll]] for (int i = 0; i < ROWS; i++)
    {
        if (firstFilter + i >= p.columns) continue;
        for (int j = 0; j < 4; j++) storeSum(split, group, firstFilter + i, number, j, sum[i][j]);
    }
}
