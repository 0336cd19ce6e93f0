#version 450
#extension GL_GOOGLE_include_directive : require
// The softmax of every row, e^(x - largest) / sum of e^(x - largest), or its logarithm (x - largest) - log(sum).
//
// Bindings
//   source, result   of one shape, seen as rows (see common/rows.glsl)
//   parts            PARTS = 1: what loss/softmax_parts.comp found
// Parameters
//   units            units of rows times chunks
//   extent, inner    the rows
//   chunks           pieces of a row (1 without PARTS), each the work of one unit
//   chunkLength      elements of a piece
// Specialization constants: VECTOR, ALIGNED_ROWS, LANES; LOGARITHM, 1 for the logarithm; PARTS, 1 if the largest elements and the sums of
// the pieces are known already: long rows are shared by many workgroups that way.
// 64 / LANES units to a workgroup. Cost: about 25 FLOPs per element; reads every element three times (from a cache unless rows are very
// long; once with PARTS) and writes it once.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 2) const int LOGARITHM = 0;
layout(constant_id = 3) const int PARTS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int units;
    int extent;
    int inner;
    int chunks;
    int chunkLength;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/rows.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Parts, parts);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int number = (flatWorkgroup() * 64 + int(gl_LocalInvocationID.x)) / LANES;
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    int width = unitsAcross(p.inner);
    ivec2 across = divide(number, width);
    ivec2 piece = divide(across.x, p.chunks);
    int first = piece.y * p.chunkLength;
    Unit unit = unitAt(piece.x, across.y, p.extent, p.inner, first, min(p.chunkLength, p.extent - first));
    int steps = stepsOf(unit);

    vec4 largest = vec4(-INFINITY);
    vec4 total = vec4(0.0);
    vec4 reference;
    if (PARTS != 0)
    {
        for (int c = laneInRow(); c < p.chunks; c += LANES)
        {
            int place = (piece.x * p.chunks + c) * width + across.y;
            vec4 highest = VECTOR == 2 ? LOAD4(parts, place) : vec4(LOAD1(parts, place));
            vec4 share = VECTOR == 2 ? LOAD4(parts, place + p.units) : vec4(LOAD1(parts, place + p.units));
            vec4 both = largerOf(largest, highest);
            reference = referenceOf(both);
            total = total * exponential(largest - reference) + share * exponential(highest - reference);
            largest = both;
        }
        vec4 own = largest;
        largest = maximumOverLanes(largest);
        reference = referenceOf(largest);
        total = sumOverLanes(total * exponential(own - reference));
    }
    else
    {
        for (int i = laneInRow(); i < steps; i += LANES)
            largest = largerOf(largest, choose(belongs(unit, i), LOAD_STEP(source, placeOf(unit, i)), vec4(-INFINITY)));
        largest = largestOfRows(largest);
        reference = referenceOf(largest);
        for (int i = laneInRow(); i < steps; i += LANES)
            total += choose(belongs(unit, i), exponential(LOAD_STEP(source, placeOf(unit, i)) - reference), vec4(0.0));
        total = sumOfRows(total);
    }

    vec4 inverse = 1.0 / total;
    vec4 logarithmOfTotal = LOGARITHM != 0 ? logarithm(total) : vec4(0.0);
    for (int i = laneInRow(); i < steps; i += LANES)
    {
        int place = placeOf(unit, i);
        vec4 above = LOAD_STEP(source, place) - largest;
        vec4 value = LOGARITHM != 0 ? above - logarithmOfTotal : exponential(above) * inverse;
        bvec4 within = belongs(unit, i);
        if (exists) STORE_STEP(result, place, within, value)
    }
}
