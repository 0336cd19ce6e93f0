#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
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
//   stepScalars      see common/epilogue.glsl: the pointwise program is a prologue here, applied to every element of the source as it is read,
//                    its operands read at the same place (full) or as one element; ALIGNED is true unless VECTOR is 0
// Specialization constants: VECTOR, ALIGNED_ROWS, LANES; LOGARITHM, 1 for the logarithm; PARTS, 1 if the largest elements and the sums of
// the pieces are known already: long rows are shared by many workgroups that way. KEPT, at most 16: how many steps a lane holds in registers,
// LANES * KEPT being at least the steps of a row; 0 where rows are longer or PARTS is 1.
// 64 / LANES units to a workgroup. Cost: about 25 FLOPs per element; reads every element once with KEPT or PARTS, else three times
// (from a cache unless rows are very long), and writes it once.
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 2) const int LOGARITHM = 0;
layout(constant_id = 3) const int PARTS = 0;
layout(constant_id = 4) const int KEPT = 0;

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
INPUT_TENSOR(2, Parts, parts);
OUTPUT_TENSOR(3, Result, result);

const int MOST_KEPT = 16;
const int FINISHED_AT_ONCE = KEPT < 4 ? 1 : 4;

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
    int width = unitsAcross(p.inner);
    ivec2 across = divide(number, width);
    ivec2 piece = divide(across.x, p.chunks);
    int first = piece.y * p.chunkLength;
    Unit unit = unitAt(piece.x, across.y, p.extent, p.inner, first, min(p.chunkLength, p.extent - first));
    int steps = stepsOf(unit);

    vec4 largest = vec4(-INFINITY);
    vec4 total = vec4(0.0);
    vec4 reference;
    vec4 kept[MOST_KEPT];
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
    else if (KEPT > 0)
    {
        // What lies behind the row's end is -infinity here, which changes neither the largest element nor the sum. A NaN shows as a
        // magnitude beyond that of infinity: max need not keep it.
        uvec4 magnitude = uvec4(0u);
        [[unroll]] for (int i = 0; i < KEPT; i++)
        {
            int number_ = laneInRow() + i * LANES;
            bvec4 within = bvec4(uvec4(belongs(unit, number_)) & uvec4(number_ < steps));
            kept[i] = choose(within, taken(placeOf(unit, min(number_, steps - 1))), vec4(-INFINITY));
            largest = max(largest, kept[i]);
            magnitude = max(magnitude, floatBitsToUint(kept[i]) & 0x7FFFFFFFu);
        }
        largest = largestOfRows(choose(greaterThan(magnitude, uvec4(0x7F800000u)), uintBitsToFloat(uvec4(0x7FC00000u)), largest));
        reference = referenceOf(largest);
        [[unroll]] for (int i = 0; i < KEPT; i++)
        {
            vec4 power = exponentialOfNegative(kept[i] - reference);
            total += power;
            kept[i] = LOGARITHM != 0 ? kept[i] - largest : power;
        }
        total = sumOfRows(total);
    }
    else
    {
        for (int i = laneInRow(); i < steps; i += LANES)
            largest = largerOf(largest, choose(belongs(unit, i), taken(placeOf(unit, i)), vec4(-INFINITY)));
        largest = largestOfRows(largest);
        reference = referenceOf(largest);
        for (int i = laneInRow(); i < steps; i += LANES)
            total += choose(belongs(unit, i), exponentialOfNegative(taken(placeOf(unit, i)) - reference), vec4(0.0));
        total = sumOfRows(total);
    }
    // A row that holds a NaN, or infinity (whose distance to itself is a NaN), is NaN throughout.
    bvec4 isLost = bvec4(uvec4(isNan4(largest)) | uvec4(equal(largest, vec4(INFINITY))));
    total = choose(isLost, uintBitsToFloat(uvec4(0x7FC00000u)), total);

    vec4 inverse = 1.0 / total;
    vec4 logarithmOfTotal = LOGARITHM != 0 ? logarithm(total) : vec4(0.0);
    if (KEPT > 0)
    {
        [[dont_unroll]] for (int i = laneInRow(); i < KEPT * LANES; i += FINISHED_AT_ONCE * LANES)
        {
            [[unroll]] for (int k = 0; k < FINISHED_AT_ONCE; k++)
            {
                int number_ = i + k * LANES;
                vec4 value = LOGARITHM != 0 ? kept[k] - logarithmOfTotal : kept[k] * inverse;
                bvec4 within = belongs(unit, number_);
                if (exists && number_ < steps) STORE_STEP(result, placeOf(unit, number_), within, value)
            }
            // The array moves up instead of being indexed by a variable.
            [[unroll]] for (int k = FINISHED_AT_ONCE; k < MOST_KEPT; k++) kept[k - FINISHED_AT_ONCE] = kept[k];
        }
        return;
    }
    for (int i = laneInRow(); i < steps; i += LANES)
    {
        int place = placeOf(unit, i);
        vec4 source_ = taken(place);
        vec4 value = LOGARITHM != 0 ? (source_ - largest) - logarithmOfTotal : exponentialOfNegative(source_ - reference) * inverse;
        bvec4 within = belongs(unit, i);
        if (exists) STORE_STEP(result, place, within, value)
    }
}
