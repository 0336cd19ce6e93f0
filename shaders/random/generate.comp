#version 450
#extension GL_GOOGLE_include_directive : require
// Random numbers from a counter: element i is made of word i of the stream (see random/philox.glsl).
//
// KIND = 0: uniform in [low, high), low + span * u, not above largest (the last number before high); 1: normal, low + span * z;
// 2: whole numbers from wholeLow on, range of them.
// Counter: one whole number. Target: count elements. Cost: about 25 whole-number operations and 4 bytes written per element; normal
// numbers 60 FLOPs more.
layout(local_size_x = 256) in;

layout(constant_id = 0) const int KIND = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    uvec4 random; // seed low and high, stream low and high
    int count;
    float low;
    float span;
    float largest;
    int wholeLow;
    uint range;
} p;

#include "common/indexing.glsl"
#include "random/philox.glsl"
#include "random/precise.glsl"

OUTPUT_TENSOR(2, Target, target);

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.count) return;
    uvec4 words = randomBlock(uint(index), p.random);
    vec4 value;
    if (KIND == 2)
    {
        uvec4 high;
        uvec4 low;
        umulExtended(words, uvec4(p.range), high, low);
        value = intBitsToFloat(p.wholeLow + ivec4(high));
    }
    else
    {
        vec4 unit = KIND == 1 ? normalOf(words) : uniformOf(words);
        precise vec4 scaled = p.span * unit;
        precise vec4 moved = scaled + p.low;
        value = KIND == 1 ? moved : min(moved, vec4(p.largest));
    }
    if (element + 4 <= p.count) target[index] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(target, element + k, value[k]);
}
