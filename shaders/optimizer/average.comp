#version 450
#extension GL_GOOGLE_include_directive : require
// An exponential moving average, in place: average = decay average + (1 - decay) value.
//
// Value, Average: elements numbers each; NewAverage: the same memory as Average.
// Cost: 12 bytes and 3 operations per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int elements;
    float decay;
} p;

INPUT_TENSOR(1, Value, value);
INPUT_TENSOR(2, Average, average);
OUTPUT_TENSOR(3, NewAverage, newAverage);

void main()
{
    int i = flatInvocation();
    if (4 * i >= p.elements) return;
    newAverage[i] = p.decay * LOAD4(average, i) + (1.0 - p.decay) * LOAD4(value, i);
}
