#version 450
#extension GL_GOOGLE_include_directive : require
// Keeps a triangle of each matrix: the elements with column - row >= p.diagonal (UPPER = 1) or <= p.diagonal (0); the others become zero.
//
// Source, Target: matrices of rows x columns, one behind the other, count elements in all. Cost: 4 bytes read and 4 written per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 256) in;

layout(constant_id = 0) const int UPPER = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int rows;
    int columns;
    int diagonal;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);

void main()
{
    int element = 4 * flatInvocation();
    if (element >= p.count) return;
    ivec4 index = element + ivec4(0, 1, 2, 3);
    ivec4 line = index / p.columns;
    ivec4 reach = index - line * p.columns - line % p.rows - p.diagonal;
    vec4 value = mix(vec4(0.0), LOAD4(source, element >> 2), UPPER != 0 ? greaterThanEqual(reach, ivec4(0)) : lessThanEqual(reach, ivec4(0)));
    if (element + 4 <= p.count) target[element >> 2] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(target, element + k, value[k]);
}
