#version 450
#extension GL_GOOGLE_include_directive : require
// Takes elements along an axis: target[o, k, i] = source[o, index, i]. A negative index counts from the end of the axis; what is outside
// even so is limited to the axis, so that nothing else is read.
//
// Bindings
//   source    [outer, extent, inner]
//   indices   PER_ELEMENT = 0: one whole number for every k, or for every o and k; 1: one for every element of the target
//   target    [outer, taken, inner]
// Parameters
//   count         elements of the target; groups of four of them with VECTORS
//   extent        elements of the source along the axis
//   taken         elements of the target along the axis
//   inner         elements behind the axis; groups of four of them with VECTORS
//   indexStride   from the indices of one o to those of the next: 0 or taken
// Specialization constants: VECTORS = 1: inner is a multiple of 4 and an invocation moves four elements at once (not with PER_ELEMENT);
// 0: an invocation moves four neighbours one by one. Cost: 4 bytes read and 4 written per element, and the indices.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VECTORS = 0;
layout(constant_id = 1) const int PER_ELEMENT = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int extent;
    int taken;
    int inner;
    int indexStride;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "indexing/places.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Indices, indices);
OUTPUT_TENSOR(3, Target, target);

int placeInSource(int element)
{
    ivec2 slab = divide(element, p.inner);
    ivec2 outer = divide(slab.x, p.taken);
    int index = floatBitsToInt(LOAD1(indices, PER_ELEMENT != 0 ? element : outer.x * p.indexStride + outer.y));
    return (outer.x * p.extent + placeOnAxis(index, p.extent)) * p.inner + slab.y;
}

void main()
{
    if (VECTORS != 0)
    {
        int item = flatInvocation();
        if (item < p.count) target[item] = LOAD4(source, placeInSource(item));
        return;
    }
    int first = 4 * flatInvocation();
    for (int k = 0; k < 4; k++)
    {
        int element = first + k;
        if (element < p.count) STORE1(target, element, LOAD1(source, placeInSource(element)));
    }
}
