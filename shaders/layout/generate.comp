#version 450
#extension GL_GOOGLE_include_directive : require
// Makes a tensor out of numbers alone.
//
// KIND = 0: target[i] = start + i * delta, in reals; 1: the same in whole numbers; 2: a matrix of p.columns columns that is one (the
// bits p.one) where column - row = p.diagonal, else zero.
// Target: count elements. Cost: 4 bytes written per element.
layout(local_size_x = 256) in;

layout(constant_id = 0) const int KIND = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int columns;
    int diagonal;
    uint one;
    float start;
    float delta;
    int wholeStart;
    int wholeDelta;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

OUTPUT_TENSOR(1, Target, target);

void main()
{
    int element = 4 * flatInvocation();
    if (element >= p.count) return;
    ivec4 index = element + ivec4(0, 1, 2, 3);
    vec4 value = p.start + vec4(index) * p.delta;
    if (KIND == 1) value = intBitsToFloat(p.wholeStart + index * p.wholeDelta);
    if (KIND == 2)
    {
        ivec4 row = index / p.columns;
        value = mix(vec4(0.0), vec4(uintBitsToFloat(p.one)), equal(index - row * p.columns - row, ivec4(p.diagonal)));
    }
    if (element + 4 <= p.count) target[element >> 2] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(target, element + k, value[k]);
}
