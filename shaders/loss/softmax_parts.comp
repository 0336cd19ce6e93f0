#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// The largest element of every piece of every row, and the sum of e^(x - largest) over the piece: the first half of a softmax of long rows.
//
// Bindings
//   source   seen as rows (see common/rows.glsl)
//   parts    outer x chunks x inner largest elements, then as many sums
// Parameters and specialization constants as in loss/softmax.comp. Cost: about 20 FLOPs per element; reads every element twice, the
// second time from a cache.
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int units;
    int extent;
    int inner;
    int chunks;
    int chunkLength;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"
#include "common/rows.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Parts, parts);

// A step of the source, with the prologue applied.
vec4 taken(int place)
{
    vec4 value = LOAD_STEP(source, place);
    return VECTOR == 0 ? epilogue(value, OutputPlace(place, 0, 0, 1)) : epilogue(value, OutputPlace(4 * place, 0, 0, 4));
}

void main()
{
    int number = rowOfInvocation(flatWorkgroup());
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    ivec2 across = divide(number, unitsAcross(p.inner));
    ivec2 piece = divide(across.x, p.chunks);
    int first = piece.y * p.chunkLength;
    Unit unit = unitAt(piece.x, across.y, p.extent, p.inner, first, min(p.chunkLength, p.extent - first));
    int steps = stepsOf(unit);

    vec4 largest = vec4(-INFINITY);
    for (int i = laneInRow(); i < steps; i += LANES)
        largest = largerOf(largest, choose(belongs(unit, i), taken(placeOf(unit, i)), vec4(-INFINITY)));
    largest = largestOfRows(largest);
    vec4 reference = referenceOf(largest);
    vec4 total = vec4(0.0);
    for (int i = laneInRow(); i < steps; i += LANES)
        total += choose(belongs(unit, i), exponential(taken(placeOf(unit, i)) - reference), vec4(0.0));
    total = sumOfRows(total);

    if (!exists || laneInRow() != 0) return;
    if (VECTOR == 2)
    {
        parts[number] = largest;
        parts[number + p.units] = total;
    }
    else
    {
        STORE1(parts, number, largest.x);
        STORE1(parts, number + p.units, total.x);
    }
}
