#version 450
#extension GL_GOOGLE_include_directive : require
// Pads or crops a tensor: target[x] = source[map(x - before)], coordinate by coordinate. What lies outside the source is a constant
// (MODE = 0), or the coordinate is reflected about the edges (1), limited to them (2) or wrapped around (3).
//
// VECTORS = 1: axis 0 (the innermost) is not padded and its size is a multiple of 4; an invocation makes four neighbours.
// FILL_FROM_TENSOR = 1: the constant is the only element of Fill, else p.fill (as bits).
// AXES: number of axes, 1 ... 8.
// Cost: 4 bytes read and 4 written per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 256) in;

layout(constant_id = 0) const int AXES = 1;
layout(constant_id = 1) const int VECTORS = 0;
layout(constant_id = 2) const int MODE = 0;
layout(constant_id = 3) const int FILL_FROM_TENSOR = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of the target
    uint fill;
    ivec4 size[2]; // of the target; with VECTORS that of axis 0 counts groups of four
    uvec4 multiplier[2]; // division by size: see fastDivide
    uvec4 shift[2];
    ivec4 sourceSize[2];
    ivec4 before[2]; // places added in front; negative ones are cropped
    ivec4 sourceStride[2];
} p;

#include "common/division.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Fill, fill);
OUTPUT_TENSOR(3, Target, target);

#define PAD_CONSTANT 0
#define PAD_REFLECT 1
#define PAD_EDGE 2
#define PAD_WRAP 3

int floorModulo(int a, int b)
{
    int r = a % b;
    return r < 0 ? r + b : r;
}

// The source's coordinate for one of the target's.
int mapped(int x, int extent)
{
    if (MODE == PAD_EDGE) return clamp(x, 0, extent - 1);
    if (MODE == PAD_WRAP) return x >= 0 && x < extent ? x : floorModulo(x, extent);
    if (MODE == PAD_REFLECT)
    {
        if (x >= 0 && x < extent) return x;
        if (extent == 1) return 0;
        int turn = floorModulo(x, 2 * extent - 2);
        return turn < extent ? turn : 2 * extent - 2 - turn;
    }
    return x;
}

// The element of the source for a place of the target, or -1 for the constant; with VECTORS axis 0 is counted in groups of four.
int locate(uint place)
{
    int offset = 0;
    bool outside = false;
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
        if (VECTORS != 0 && a == 0)
        {
            offset += 4 * int(coordinate);
            continue;
        }
        int extent = p.sourceSize[a >> 2][a & 3];
        int x = mapped(int(coordinate) - p.before[a >> 2][a & 3], extent);
        outside = outside || x < 0 || x >= extent;
        offset += x * p.sourceStride[a >> 2][a & 3];
    }
    return outside ? -1 : offset;
}

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.count) return;
    float constant = FILL_FROM_TENSOR != 0 ? LOAD4(fill, 0).x : uintBitsToFloat(p.fill);
    vec4 value = vec4(constant);
    if (VECTORS != 0)
    {
        int place = locate(uint(index));
        if (place >= 0) value = LOAD4(source, place >> 2);
        target[index] = value;
        return;
    }
    for (int k = 0; k < 4; k++)
    {
        int place = locate(uint(min(element + k, p.count - 1)));
        if (place >= 0) value[k] = LOAD1(source, place);
    }
    if (element + 4 <= p.count) target[index] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(target, element + k, value[k]);
}
