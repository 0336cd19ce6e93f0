#version 450
#extension GL_GOOGLE_include_directive : require
// Where the largest (SMALLEST = 1: the smallest) element of every row stands: the first such place, or the last with LAST = 1. NaN counts as the
// extreme either way.
//
// Bindings
//   source     seen as rows (see common/rows.glsl)
//   places     one whole number per row
// Parameters: units, extent, inner: the rows. Specialization constants: VECTOR, ALIGNED_ROWS, LANES, SMALLEST, LAST. 64 / LANES units to a workgroup.
// Cost: 3 operations and 4 bytes read per element.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 64) in;

layout(constant_id = 2) const int LAST = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int units;
    int extent;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/rows.glsl"
#include "indexing/order.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Places, places);

shared ivec4 sharedKeys[64];
shared ivec4 sharedPlaces[64];

// The better of two, component by component; a place of -1 stands for nothing.
void take(inout ivec4 key, inout ivec4 place, ivec4 otherKey, ivec4 otherPlace)
{
    bvec4 tieWon = LAST != 0 ? greaterThan(otherPlace, place) : lessThan(otherPlace, place);
    uvec4 wins = uvec4(lessThan(place, ivec4(0))) | uvec4(greaterThan(otherKey, key)) | (uvec4(equal(otherKey, key)) & uvec4(tieWon));
    bvec4 taken = bvec4(wins & uvec4(greaterThanEqual(otherPlace, ivec4(0))));
    key = mix(key, otherKey, taken);
    place = mix(place, otherPlace, taken);
}

void main()
{
    int number = rowOfInvocation(flatWorkgroup());
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    ivec2 across = divide(number, unitsAcross(p.inner));
    Unit unit = unitAt(across.x, across.y, p.extent, p.inner, 0, p.extent);
    int steps = stepsOf(unit);
    ivec4 key = ivec4(0);
    ivec4 place = ivec4(-1);
    for (int i = laneInRow(); i < steps; i += LANES)
        take(key, place, keysOf(LOAD_STEP(source, placeOf(unit, i))), mix(ivec4(-1), elementsOf(unit, i), belongs(unit, i)));
    if (LANES > 1)
    {
        int own = invocationInGroup();
        sharedKeys[own] = key;
        sharedPlaces[own] = place;
        for (int distance = LANES / 2; distance > 0; distance /= 2)
        {
            barrier();
            if (laneInRow() < distance)
            {
                take(key, place, sharedKeys[own + distance], sharedPlaces[own + distance]);
                sharedKeys[own] = key;
                sharedPlaces[own] = place;
            }
        }
    }
    if (!exists || laneInRow() != 0) return;
    if (VECTOR == 2)
    {
        places[number] = intBitsToFloat(place);
        return;
    }
    if (VECTOR == 1)
    {
        take(key, place, key.zwxy, place.zwxy);
        take(key, place, key.yxwz, place.yxwz);
    }
    STORE1(places, number, intBitsToFloat(place.x));
}
