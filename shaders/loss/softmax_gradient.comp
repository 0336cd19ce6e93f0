#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of a softmax from its result y and the upstream gradient g: y * (g - sum of g y over the row); with LOGARITHM of a
// log-softmax: g - e^y * sum of g.
//
// Bindings
//   output, upstream, result   of one shape, seen as rows (see common/rows.glsl)
// Parameters
//   units, extent, inner       the rows
// Specialization constants: VECTOR, ALIGNED_ROWS, LANES; LOGARITHM. 64 / LANES units to a workgroup.
// Cost: 4 FLOPs per element (25 with LOGARITHM); reads two tensors twice (the second time from a cache unless rows are long), writes one.
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 2) const int LOGARITHM = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int units;
    int extent;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/rows.glsl"

INPUT_TENSOR(1, Output, output_);
INPUT_TENSOR(2, Upstream, upstream);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int number = rowOfInvocation(flatWorkgroup());
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    ivec2 across = divide(number, unitsAcross(p.inner));
    Unit unit = unitAt(across.x, across.y, p.extent, p.inner, 0, p.extent);
    int steps = stepsOf(unit);

    vec4 total = vec4(0.0);
    for (int i = laneInRow(); i < steps; i += LANES)
    {
        int place = placeOf(unit, i);
        vec4 term = LOAD_STEP(upstream, place);
        if (LOGARITHM == 0) term *= LOAD_STEP(output_, place);
        total += choose(belongs(unit, i), term, vec4(0.0));
    }
    total = sumOfRows(total);

    for (int i = laneInRow(); i < steps; i += LANES)
    {
        int place = placeOf(unit, i);
        vec4 y = LOAD_STEP(output_, place);
        vec4 g = LOAD_STEP(upstream, place);
        vec4 value = LOGARITHM != 0 ? g - exponential(y) * total : y * (g - total);
        bvec4 within = belongs(unit, i);
        if (exists) STORE_STEP(result, place, within, value)
    }
}
