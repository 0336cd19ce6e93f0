#version 450
#extension GL_GOOGLE_include_directive : require
// Element numbers as coordinates: result[axis, k] = places[k] / stride[axis] mod size[axis], or 0 where places[k] is negative.
//
// Places [n] (i32), Axes [axes][2] (i32: stride, size) -> Result [axes, n] (i32). Cost: 8 bytes per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result
    int items; // n
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Places, places);
INPUT_TENSOR(2, Axes, axes);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 axis = divide(index, p.items);
    int place = floatBitsToInt(LOAD1(places, axis.y));
    int stride = floatBitsToInt(LOAD1(axes, 2 * axis.x));
    int size = floatBitsToInt(LOAD1(axes, 2 * axis.x + 1));
    int coordinate = place < 0 ? 0 : place / stride % size;
    STORE1(result, index, intBitsToFloat(coordinate));
}
