#version 450
#extension GL_GOOGLE_include_directive : require
// Copies elements from one strided place to another: target[targetOffset + t . x] = source[sourceOffset + s . x] over the coordinates x
// of up to twelve axes, axis 0 the innermost. Strides may be zero (repeated) or, in the source, negative.
//
// VECTORS = 1: both strides of axis 0 are 1 and everything else is a multiple of 4; an invocation copies four neighbours.
// VECTORS = 0: an invocation copies four elements one by one; with TARGET_DENSE = 1 they are neighbours from a multiple of 4 on and
// are stored together.
// AXES: number of axes, 1 ... 12.
// Cost: 4 bytes read and 4 written per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 256) in;

layout(constant_id = 0) const int AXES = 1;
layout(constant_id = 1) const int VECTORS = 0;
layout(constant_id = 2) const int TARGET_DENSE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements
    int sourceOffset;
    int targetOffset;
    ivec4 size[3]; // of each axis; with VECTORS that of axis 0 counts groups of four
    uvec4 multiplier[3]; // division by size: see fastDivide
    uvec4 shift[3];
    ivec4 sourceStride[3]; // with VECTORS that of axis 0 is for a step of four
    ivec4 targetStride[3];
} p;

#include "common/division.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);

// Offset in the source and in the target of one place.
ivec2 locate(uint place)
{
    ivec2 offset = ivec2(p.sourceOffset, p.targetOffset);
    uint rest = place;
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
    return offset;
}

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.count) return;
    if (VECTORS != 0)
    {
        ivec2 offset = locate(uint(index));
        target[offset.y >> 2] = LOAD4(source, offset.x >> 2);
        return;
    }
    int count = min(p.count - element, 4);
    vec4 value = vec4(0.0);
    int places[4];
    for (int k = 0; k < 4; k++)
    {
        ivec2 offset = locate(uint(min(element + k, p.count - 1)));
        value[k] = LOAD1(source, offset.x);
        places[k] = offset.y;
    }
    if (TARGET_DENSE != 0 && count == 4) target[(p.targetOffset + element) >> 2] = value;
    else for (int k = 0; k < 4; k++) if (k < count) STORE1(target, places[k], value[k]);
}
