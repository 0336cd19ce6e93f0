#version 450
#extension GL_GOOGLE_include_directive : require
// A measure of every row of class scores against its label: losses of classifiers, and how many are right.
//
// Bindings
//   scores    seen as rows (see common/rows.glsl)
//   labels    one whole number per row; not read for MEASURE_SOFT
//   weights   one factor per class, read if weighted only; for MEASURE_SOFT the targets, of the scores' shape
//   result    reduce 0: one number per row. Else groups = 1: the reduced number; groups > 1: a sum of weighted measures and a sum of weights
//             per workgroup, for loss/totals.comp
// Parameters
//   units, extent, inner   the rows
//   weighted, ignores      1: there are weights; there is a label whose rows count nothing
//   ignored                that label
//   reduce                 what is made of the measures (REDUCE_...)
//   groups                 workgroups that have something to do
//   top                    see MEASURE_CORRECT
//   margin                 see MEASURE_HINGE
// Specialization constants: VECTOR, ALIGNED_ROWS, LANES; MEASURE.
// A label that is no class makes a loss NaN, and counts as not right. 64 / LANES units to a workgroup; sums follow a fixed tree.
// Cost: about 20 FLOPs per score; reads every score twice for the cross-entropy (the second time from a cache), else once.
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
    int weighted;
    int ignores;
    int ignored;
    int reduce;
    int groups;
    int top;
    float margin;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/rows.glsl"

INPUT_TENSOR(1, Scores, scores);
INPUT_TENSOR(2, Labels, labels);
INPUT_TENSOR(3, Weights, weights);
OUTPUT_TENSOR(4, Result, result);

#include "loss/class_measures.glsl"

void main()
{
    int number = rowOfInvocation(flatWorkgroup());
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    ivec2 across = divide(number, unitsAcross(p.inner));
    Unit unit = unitAt(across.x, across.y, p.extent, p.inner, 0, p.extent);
    int steps = stepsOf(unit);
    RowLabels label = noLabels();
    if (MEASURE != MEASURE_SOFT) label = labelsOf(floatBitsToInt(LOAD_ROWS(labels, number)), p.extent, p.ignored);
    vec4 weight = LOAD_WEIGHTS(weights, label.index);
    vec4 value = countedOf(MEASURE, measureOf(MEASURE, unit, steps, label) * weight, label);

    bool stores = exists && laneInRow() == 0;
    if (p.reduce == REDUCE_NONE)
    {
        if (!stores) return;
        if (VECTOR == 2) result[number] = value;
        else STORE1(result, number, value.x);
        return;
    }
    vec2 totals = addedOverGroup(stores ? vec4(addedOverUnit(value, weight, label), 0.0, 0.0) : vec4(0.0)).xy;
    int group = flatWorkgroup();
    if (invocationInGroup() != 0 || group >= p.groups) return;
    STORE_TOTALS(result, group, totals, p.reduce)
}
