#version 450
#extension GL_GOOGLE_include_directive : require
// Random decisions from a counter (see random/philox.glsl).
//
// KIND = 0: target[i] = one where word i, as a uniform number in [0, 1), is below source[i], else 0 (bits of any element type).
// KIND = 1: dropout: target[i] = source[i] * scale where word i / run is at least threshold, else 0. SHARED is false where run is 1.
// Counter: one whole number. Source, Target: count elements. Cost: about 25 whole-number operations and 8 bytes per element.
layout(local_size_x = 256) in;

layout(constant_id = 0) const int KIND = 0;
layout(constant_id = 1) const bool SHARED = false;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    uvec4 random; // seed low and high, stream low and high
    int count;
    int run; // neighbouring elements that share a decision
    uint one;
    uint threshold;
    float scale;
} p;

#include "common/indexing.glsl"
#include "random/philox.glsl"

INPUT_TENSOR(2, Source, source);
OUTPUT_TENSOR(3, Target, target);

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.count) return;
    uvec4 words;
    if (SHARED) for (int k = 0; k < 4; k++) words[k] = randomWord(uint(divide(min(element + k, p.count - 1), p.run).x), p.random);
    else words = randomBlock(uint(index), p.random);
    vec4 given = LOAD4(source, index);
    vec4 value = KIND == 0
        ? mix(vec4(0.0), vec4(uintBitsToFloat(p.one)), lessThan(uniformOf(words), given))
        : mix(vec4(0.0), given * p.scale, greaterThanEqual(words, uvec4(p.threshold)));
    if (element + 4 <= p.count) target[index] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(target, element + k, value[k]);
}
