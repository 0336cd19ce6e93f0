#version 450
#extension GL_GOOGLE_include_directive : require
// Squared Euclidean distances of points to centres.
//
// Points [points, features], Centres [centres, features] -> Result [points, centres]. An invocation computes one element of the result.
// Cost: 3 FLOPs for each point, centre and feature; every operand is read once and the result written once, caches willing.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // points * centres
    int centres;
    int features;
} p;

// Headers of VkNet: flat numbering of invocations, and tensors as the variant reads them.
#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Points, points);
INPUT_TENSOR(2, Centres, centres);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int element = flatInvocation();
    if (element >= p.count) return;
    ivec2 place = divide(element, p.centres) * p.features;
    float sum = 0.0;
    for (int i = 0; i < p.features; i++)
    {
        float difference = LOAD1(points, place.x + i) - LOAD1(centres, place.y + i);
        sum += difference * difference;
    }
    STORE1(result, element, sum);
}
