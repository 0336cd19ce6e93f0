#version 450
#extension GL_GOOGLE_include_directive : require
// Puts updates into a tensor along an axis: for j = 0 ... count - 1 in this order, target[o, index, i] = target[o, index, i] (COMBINE) update[o, j, i].
// Several updates of one element are taken in the order in which they stand, so results do not depend on timing.
//
// Bindings
//   indices   SHARED = 1: one whole number for every j, or for every o and j; 0: one for every element of the updates
//   updates   [outer, count, inner]
//   target    [outer, extent, inner], holding what the updates are combined with; read and written
// Parameters
//   items         invocations that have something to do: columns x partitions x outer
//   columns       elements behind the axis; groups of four of them with VECTORS
//   partitions    invocations that share a column: each goes through all indices and cares for its part of the axis
//   count, extent
//   indexStride   from the indices of one o to those of the next: 0 or count
// Specialization constants: VECTORS = 1 (with SHARED only): inner is a multiple of 4; SHARED; COMBINE.
// Indices are limited to the axis (see indexing/places.glsl). Cost: per update 4 bytes and the target's element read, and it written;
// every index is read by all partitions.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VECTORS = 0;
layout(constant_id = 1) const int SHARED = 0;
layout(constant_id = 2) const int COMBINE_UPDATES = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items;
    int columns;
    int partitions;
    int count;
    int extent;
    int indexStride;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"
#include "indexing/places.glsl"
#include "indexing/scatter_combine.glsl"

INPUT_TENSOR(1, Indices, indices);
INPUT_TENSOR(2, Updates, updates);
layout(set = 0, binding = 3, std430) buffer Target { vec4 target[]; };

vec4 combine(vec4 old, vec4 update)
{
#ifdef INTEGER
    ivec4 a = floatBitsToInt(old);
    ivec4 b = floatBitsToInt(update);
    if (COMBINE_UPDATES == SCATTER_ADD) b = a + b;
    if (COMBINE_UPDATES == SCATTER_MULTIPLY) b = a * b;
    if (COMBINE_UPDATES == SCATTER_MAXIMUM) b = max(a, b);
    if (COMBINE_UPDATES == SCATTER_MINIMUM) b = min(a, b);
    return intBitsToFloat(b);
#else
    if (COMBINE_UPDATES == SCATTER_ADD) return old + update;
    if (COMBINE_UPDATES == SCATTER_MULTIPLY) return old * update;
    if (COMBINE_UPDATES == SCATTER_MAXIMUM) return choose(isNan4(old), old, choose(isNan4(update), update, max(old, update)));
    if (COMBINE_UPDATES == SCATTER_MINIMUM) return choose(isNan4(old), old, choose(isNan4(update), update, min(old, update)));
    return update;
#endif
}

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    ivec2 column = divide(item, p.columns);
    ivec2 outer = divide(column.x, p.partitions);
    // Partition q cares for the places from q * share on.
    int share = divideUp(p.extent, p.partitions);
    int first = outer.y * share;
    int last = min(first + share, p.extent);
    for (int j = 0; j < p.count; j++)
    {
        int source = (outer.x * p.count + j) * p.columns + column.y;
        int place = placeOnAxis(floatBitsToInt(LOAD1(indices, SHARED != 0 ? outer.x * p.indexStride + j : source)), p.extent);
        if (place < first || place >= last) continue;
        int element = (outer.x * p.extent + place) * p.columns + column.y;
        if (VECTORS != 0) target[element] = combine(target[element], LOAD4(updates, source));
        else STORE1(target, element, combine(vec4(target[element >> 2][element & 3]), vec4(LOAD1(updates, source))).x);
    }
}
