#version 450
#extension GL_GOOGLE_include_directive : require
// Losses of distances between rows. With d(a, b) the Euclidean distance:
//   contrastive (Hadsell, Chopra, LeCun 2006)       (same ? d(a, b)^2 : max(0, margin - d(a, b))^2) / 2
//   triplet (Schroff, Kalenichenko, Philbin 2015)   max(0, d(a, b)^2 - d(a, c)^2 + margin)
//
// Bindings
//   first, second, third   a, b and c, rows x extent; c for triplets only
//   same                   one whole number per row, 0 for different ones; for pairs only
//   result                 reduced = 0: one number per row. Else groups = 1: one number; groups > 1: a pair (sum, 0) per workgroup, for loss/totals.comp
// Parameters: units: rows; extent; groups: workgroups that have something to do; reduced; share: what a sum is multiplied with; margin.
// Specialization constants: ALIGNED_ROWS, LANES (see common/rows.glsl; VECTOR is 1); TRIPLET. 64 / LANES rows to a workgroup.
// Cost: 3 FLOPs and 8 bytes per element of a row (6 and 12 for triplets).
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 2) const int TRIPLET = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int units;
    int extent;
    int groups;
    int reduced;
    float share;
    float margin;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/rows.glsl"

INPUT_TENSOR(1, First, first);
INPUT_TENSOR(2, Second, second);
INPUT_TENSOR(3, Third, third);
INPUT_TENSOR(4, Same, same);
OUTPUT_TENSOR(5, Result, result);

shared float groupTotals[64];

void main()
{
    int own = invocationInGroup();
    int number = rowOfInvocation(flatWorkgroup());
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    Unit unit = unitAt(number, 0, p.extent, 1, 0, p.extent);
    int steps = stepsOf(unit);
    vec4 near = vec4(0.0);
    vec4 far = vec4(0.0);
    for (int i = laneInRow(); i < steps; i += LANES)
    {
        int place = placeOf(unit, i);
        vec4 a = LOAD4(first, place);
        vec4 toSecond = choose(belongs(unit, i), a - LOAD4(second, place), vec4(0.0));
        near += toSecond * toSecond;
        if (TRIPLET == 0) continue;
        vec4 toThird = choose(belongs(unit, i), a - LOAD4(third, place), vec4(0.0));
        far += toThird * toThird;
    }
    near = sumOfRows(near);
    vec4 value;
    if (TRIPLET != 0)
    {
        value = near - sumOfRows(far) + p.margin;
        value = choose(isNan4(value), value, max(value, vec4(0.0)));
    }
    else
    {
        vec4 missing = p.margin - sqrt(near);
        missing = choose(isNan4(missing), missing, max(missing, vec4(0.0)));
        value = 0.5 * (floatBitsToInt(LOAD1(same, number)) != 0 ? near : missing * missing);
    }
    bool stores = exists && laneInRow() == 0;
    if (p.reduced == 0)
    {
        if (stores) STORE1(result, number, value.x);
        return;
    }
    groupTotals[own] = stores ? value.x : 0.0;
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) groupTotals[own] += groupTotals[own + distance];
    }
    int group = flatWorkgroup();
    if (own != 0 || group >= p.groups) return;
    if (p.groups == 1) STORE1(result, 0, groupTotals[0] * p.share);
    else
    {
        STORE1(result, 2 * group, groupTotals[0] * p.share);
        STORE1(result, 2 * group + 1, 0.0);
    }
}
