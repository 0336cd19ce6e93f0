#ifndef VKNET_ROWS
#define VKNET_ROWS
// A tensor is seen as [outer, extent, inner]; a row is what shares outer and inner numbers, its elements follow one
// another along the middle axis. A unit is the work of LANES invocations (see common/lanes.glsl), in steps of four elements or one:
//   VECTOR = 1   inner is 1; a unit is one row and a step four neighbours of it, read on multiples of four. What of the groups at its
//                ends belongs to other rows is masked, unless ALIGNED_ROWS says that the extent is a multiple of 4
//   VECTOR = 2   inner is a multiple of 4; a unit is four neighbouring rows and a step one element of each
//   VECTOR = 0   a unit is one row and a step one element
#include "common/lanes.glsl"

layout(constant_id = 0) const int VECTOR = 0;
layout(constant_id = 1) const int ALIGNED_ROWS = 0;

struct Unit
{
    int start; // number of its first element, of its first texel for VECTOR 2
    int stride; // from one step to the next
    int count; // elements of a row
};

// Units that lie side by side along the inner axis.
int unitsAcross(int inner) { return VECTOR == 2 ? inner >> 2 : inner; }

// The elements first ... first + count - 1 of the rows at outer and across.
Unit unitAt(int outer, int across, int extent, int inner, int first, int count)
{
    int width = unitsAcross(inner);
    return Unit((outer * extent + first) * width + across, width, count);
}

int stepsOf(Unit u) { return VECTOR == 1 ? ((u.start + u.count + 3) >> 2) - (u.start >> 2) : u.count; }

// Number of a step's texel (VECTOR 1 and 2) or element (VECTOR 0).
int placeOf(Unit u, int i) { return VECTOR == 1 ? (u.start >> 2) + i : u.start + i * u.stride; }

// The four elements of a step, as numbered within their rows.
ivec4 elementsOf(Unit u, int i) { return VECTOR == 1 ? 4 * placeOf(u, i) - u.start + ivec4(0, 1, 2, 3) : ivec4(i); }

// Which of a step's elements belong to the unit.
bvec4 belongs(Unit u, int i)
{
    if (VECTOR != 1 || ALIGNED_ROWS != 0) return bvec4(true);
    ivec4 element = elementsOf(u, i);
    return bvec4(uvec4(greaterThanEqual(element, ivec4(0))) & uvec4(lessThan(element, ivec4(u.count))));
}

#define LOAD_STEP(name, place) (VECTOR == 0 ? vec4(LOAD1(name, place)) : LOAD4(name, place))

#define STORE_STEP(name, place, within, value) \
    { \
        if (VECTOR == 0) STORE1(name, place, value.x); \
        else if (VECTOR == 2 || ALIGNED_ROWS != 0) name[place] = value; \
        else for (int k_ = 0; k_ < 4; k_++) if (within[k_]) STORE1(name, 4 * (place) + k_, value[k_]); \
    }

// The sum and the largest element of each row of the unit, from what its lanes have found.
vec4 sumOfRows(vec4 value)
{
    value = sumOverLanes(value);
    return VECTOR == 1 ? vec4((value.x + value.y) + (value.z + value.w)) : value;
}

vec4 largestOfRows(vec4 value)
{
    value = maximumOverLanes(value);
    if (VECTOR != 1) return value;
    vec4 pairs = largerOf(value, value.zwxy);
    return largerOf(pairs, pairs.yxwz);
}

// What is subtracted before exponentials are taken: the largest element, so that none overflows; 0 where all are -infinity, whose
// exponentials are 0.
vec4 referenceOf(vec4 largest) { return choose(equal(largest, vec4(-INFINITY)), vec4(0.0), largest); }

#endif
