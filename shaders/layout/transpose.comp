#version 450
#extension GL_GOOGLE_include_directive : require
// Exchanges two axes of which one is innermost in the source and the other in the target, in blocks of 4 x 4 turned in registers:
// target[targetOffset + i + targetStep k + t . x] = source[sourceOffset + sourceStep i + k + s . x].
//
// The sizes of both axes, both steps and all strides and offsets are multiples of 4. Axis 0 here counts blocks of i, axis 1 blocks
// of k; up to ten more axes x follow. AXES: number of axes, 2 ... 12.
// Cost: 4 bytes read and 4 written per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int AXES = 2;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int blocks;
    int sourceOffset;
    int targetOffset;
    int sourceStep;
    int targetStep;
    ivec4 size[3]; // of each axis; those of axes 0 and 1 in blocks
    uvec4 multiplier[3]; // division by size: see fastDivide
    uvec4 shift[3];
    ivec4 sourceStride[3]; // those of axes 0 and 1 from block to block
    ivec4 targetStride[3];
} p;

#include "common/division.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);

void main()
{
    int index = flatInvocation();
    if (index >= p.blocks) return;
    ivec2 offset = ivec2(p.sourceOffset, p.targetOffset);
    uint rest = uint(index);
    for (int a = 0; a < AXES; a++)
    {
        uint coordinate = rest;
        if (a + 1 < AXES)
        {
            uint quotient = fastDivide(rest, p.multiplier[a >> 2][a & 3], p.shift[a >> 2][a & 3]);
            coordinate = rest - quotient * uint(p.size[a >> 2][a & 3]);
            rest = quotient;
        }
        offset += int(coordinate) * ivec2(p.sourceStride[a >> 2][a & 3], p.targetStride[a >> 2][a & 3]);
    }
    mat4 block;
    for (int i = 0; i < 4; i++) block[i] = LOAD4(source, (offset.x + i * p.sourceStep) >> 2);
    for (int k = 0; k < 4; k++) target[(offset.y + k * p.targetStep) >> 2] = vec4(block[0][k], block[1][k], block[2][k], block[3][k]);
}
