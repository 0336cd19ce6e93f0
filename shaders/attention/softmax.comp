#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// One block of keys in attention with an online softmax (Milakov, Gimelshein 2018): from a block of scores the weights e^(score - largest),
// where the largest score and the sum of the weights are carried from block to block, so that no more than a block of scores exists.
//
// Bindings
//   scores            [rows][width texels]: scaled products of queries and keys; a row is (batch, head, query)
//   mask              MASK 1: reals added to the scores, 2: truth values, false where a key is not to be seen; four strides
//   lengths           [batch] whole numbers, HAS_LENGTHS: how many keys there are
//   largestBefore, sumBefore   [rows]; not read where FIRST
//   weights           [rows][width texels]; zero behind the block's end
//   largest, sum      [rows], for the next block
//   factor            [rows]: what earlier results are to be multiplied with, since the largest score may have grown
//   inverse           [rows]: one over the sum; 0 for a row that sees no key
// Parameters: rows; keys of this block and its first key; width of a row in texels; queries of this tile and its first query; heads; the
//   mask's strides along batch, head, query and key; offset: query i sees the keys up to i + offset (CAUSAL 1), or up to i + length - allQueries
//   (CAUSAL 2); cap: scores become cap * tanh(score / cap) before the mask (SOFTCAP).
// LANES invocations share a row. Cost: about 20 FLOPs per score; reads and writes it once, and reads the mask.
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 1) const int MASK = 0;
layout(constant_id = 2) const bool MASK_ALIGNED = false; // neighbouring keys' masks are neighbours, in whole texels
layout(constant_id = 3) const int CAUSAL = 0;
layout(constant_id = 4) const bool SOFTCAP = false;
layout(constant_id = 5) const bool HAS_LENGTHS = false;
layout(constant_id = 6) const bool FIRST = true;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows;
    int keys;
    int firstKey;
    int width;
    int queries;
    int firstQuery;
    int allQueries;
    int heads;
    int offset;
    float cap;
    ivec4 maskStrides;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/lanes.glsl"

INPUT_TENSOR(1, Scores, scores);
INPUT_TENSOR(2, Mask, mask);
INPUT_TENSOR(3, Lengths, lengths);
INPUT_TENSOR(4, LargestBefore, largestBefore);
INPUT_TENSOR(5, SumBefore, sumBefore);
OUTPUT_TENSOR(6, Weights, weights);
OUTPUT_TENSOR(7, Largest, largest);
OUTPUT_TENSOR(8, Sum, sum);
OUTPUT_TENSOR(9, Factor, factor);
OUTPUT_TENSOR(10, Inverse, inverse);

// A finite stand-in for -infinity, so that differences of what is not seen are no NaN.
const float UNSEEN = -3.0e38;

vec4 scoresAt(int row, int texel, int seen, int maskStart)
{
    int key = 4 * texel;
    vec4 score = LOAD4(scores, row * p.width + texel);
    if (SOFTCAP) score = p.cap * hyperbolicTangent(score / p.cap);
    if (MASK != 0)
    {
        vec4 bias;
        int at = maskStart + key * p.maskStrides.w;
        if (MASK_ALIGNED) bias = LOAD4(mask, at >> 2);
        else
        {
            int last = max(p.keys - 1 - key, 0);
            for (int i = 0; i < 4; i++) bias[i] = LOAD1(mask, at + min(i, last) * p.maskStrides.w);
        }
        if (MASK == 1) score += bias;
        else score = mix(score, vec4(UNSEEN), equal(floatBitsToInt(bias), ivec4(0)));
    }
    bvec4 beyond = greaterThanEqual(ivec4(key) + ivec4(0, 1, 2, 3), ivec4(seen));
    score = mix(score, vec4(UNSEEN), beyond);
    return choose(lessThan(score, vec4(UNSEEN)), vec4(UNSEEN), score);
}

void main()
{
    int row = rowOfInvocation(flatWorkgroup());
    bool exists = row < p.rows;
    row = min(row, p.rows - 1);
    ivec2 head = divide(row, p.queries);
    ivec2 batch = divide(head.x, p.heads);
    int query = p.firstQuery + head.y;
    int length = HAS_LENGTHS ? floatBitsToInt(LOAD1(lengths, batch.x)) : 0x7FFFFFFF;
    // How many keys of this block the row sees.
    int seen = min(length - p.firstKey, p.keys);
    if (CAUSAL == 1) seen = min(seen, query + p.offset + 1 - p.firstKey);
    if (CAUSAL == 2) seen = min(seen, query + length - p.allQueries + 1 - p.firstKey);
    int maskStart = batch.x * p.maskStrides.x + batch.y * p.maskStrides.y + query * p.maskStrides.z + p.firstKey * p.maskStrides.w;

    vec4 high = vec4(UNSEEN);
    for (int i = laneInRow(); i < p.width; i += LANES) high = largerOf(high, scoresAt(row, i, seen, maskStart));
    high = maximumOverLanes(high);
    float top = largerOf(largerOf(vec4(high.x), vec4(high.y)), largerOf(vec4(high.z), vec4(high.w))).x;
    float before = FIRST ? UNSEEN : LOAD1(largestBefore, row);
    top = largerOf(vec4(top), vec4(before)).x;

    vec4 total = vec4(0.0);
    for (int i = laneInRow(); i < p.width; i += LANES)
    {
        vec4 score = scoresAt(row, i, seen, maskStart);
        vec4 weight = choose(equal(score, vec4(UNSEEN)), vec4(0.0), exponential(score - top));
        total += weight;
        if (exists) weights[row * p.width + i] = weight;
    }
    total = sumOverLanes(total);
    if (!exists || laneInRow() != 0) return;
    float scale = FIRST ? 0.0 : exponential(vec4(before - top)).x;
    float added = (total.x + total.y) + (total.z + total.w);
    float all = FIRST ? added : LOAD1(sumBefore, row) * scale + added;
    STORE1(largest, row, top);
    STORE1(sum, row, all);
    STORE1(factor, row, scale);
    STORE1(inverse, row, all == 0.0 ? 0.0 : 1.0 / all);
}
