#version 450
#extension GL_GOOGLE_include_directive : require
// Resampling by selection: every element of the result is one element of the source, chosen along each axis by a table.
//
// Places holds, for each axis that changes and each coordinate along it, the offset (i32) of the chosen coordinate in the source, or -1
// for the constant fill. Axes that stay as they are have no table and take coordinate * stride. Axis 0 is the innermost.
// VECTORS = 1: axis 0 has no table and a size that is a multiple of 4; an invocation copies four neighbours.
// AXES: number of axes, 1 ... 8.
// Cost: 4 bytes read and 4 written per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int AXES = 1;
layout(constant_id = 1) const int VECTORS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of the result
    uint fill; // as bits
    ivec4 size[2]; // of the result; with VECTORS that of axis 0 counts groups of four
    uvec4 multiplier[2]; // division by size: see fastDivide
    uvec4 shift[2];
    ivec4 stride[2]; // of the source, for axes without a table
    ivec4 table[2]; // where the axis's table begins, -1 for none
} p;

#include "common/division.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Places, places);
OUTPUT_TENSOR(3, Result, result);

// The element of the source for a place of the result, or -1 for the constant.
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
        int table = p.table[a >> 2][a & 3];
        int step = int(coordinate) * p.stride[a >> 2][a & 3];
        if (table >= 0) step = floatBitsToInt(LOAD1(places, table + int(coordinate)));
        outside = outside || step < 0;
        offset += step;
    }
    return outside ? -1 : offset;
}

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.count) return;
    float fill = uintBitsToFloat(p.fill);
    vec4 value = vec4(fill);
    if (VECTORS != 0)
    {
        int place = locate(uint(index));
        if (place >= 0) value = LOAD4(source, place >> 2);
        result[index] = value;
        return;
    }
    for (int k = 0; k < 4; k++)
    {
        int place = locate(uint(min(element + k, p.count - 1)));
        if (place >= 0) value[k] = LOAD1(source, place);
    }
    if (element + 4 <= p.count) result[index] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(result, element + k, value[k]);
}
