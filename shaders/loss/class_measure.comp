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
#include "loss/class_kinds.glsl"

INPUT_TENSOR(1, Scores, scores);
INPUT_TENSOR(2, Labels, labels);
INPUT_TENSOR(3, Weights, weights);
OUTPUT_TENSOR(4, Result, result);

shared vec2 groupTotals[64];

void main()
{
    int number = rowOfInvocation(flatWorkgroup());
    bool exists = number < p.units;
    number = min(number, p.units - 1);
    ivec2 across = divide(number, unitsAcross(p.inner));
    Unit unit = unitAt(across.x, across.y, p.extent, p.inner, 0, p.extent);
    int steps = stepsOf(unit);
    RowLabels label = noLabels();
    vec4 own = vec4(0.0);
    if (MEASURE != MEASURE_SOFT) label = labelsOf(floatBitsToInt(LOAD_ROWS(labels, number)), p.extent, p.ignored);
    if (MEASURE != MEASURE_SOFT && MEASURE != MEASURE_WEIGHT) own = LOAD_AT_LABELS(scores, unit, label.index);

    vec4 value = vec4(1.0);
    if (MEASURE == MEASURE_NEGATIVE) value = -own;
    if (MEASURE == MEASURE_CROSS_ENTROPY || MEASURE == MEASURE_SOFT)
    {
        vec4 largest = vec4(-INFINITY);
        for (int i = laneInRow(); i < steps; i += LANES)
            largest = largerOf(largest, choose(belongs(unit, i), LOAD_STEP(scores, placeOf(unit, i)), vec4(-INFINITY)));
        largest = largestOfRows(largest);
        vec4 reference = referenceOf(largest);
        vec4 total = vec4(0.0);
        for (int i = laneInRow(); i < steps; i += LANES)
            total += choose(belongs(unit, i), exponential(LOAD_STEP(scores, placeOf(unit, i)) - reference), vec4(0.0));
        vec4 logarithmOfTotal = logarithm(sumOfRows(total));
        value = logarithmOfTotal + (largest - own);
        if (MEASURE == MEASURE_SOFT)
        {
            value = vec4(0.0);
            for (int i = laneInRow(); i < steps; i += LANES)
            {
                vec4 share = LOAD_STEP(weights, placeOf(unit, i));
                vec4 term = share * (logarithmOfTotal + (largest - LOAD_STEP(scores, placeOf(unit, i))));
                bvec4 counts = bvec4(uvec4(belongs(unit, i)) & uvec4(notEqual(share, vec4(0.0))));
                value += choose(counts, term, vec4(0.0));
            }
            value = sumOfRows(value);
        }
    }
    if (MEASURE == MEASURE_HINGE || MEASURE == MEASURE_SQUARED_HINGE || MEASURE == MEASURE_CORRECT)
    {
        vec4 total = vec4(0.0);
        for (int i = laneInRow(); i < steps; i += LANES)
        {
            vec4 score = LOAD_STEP(scores, placeOf(unit, i));
            ivec4 element = elementsOf(unit, i);
            vec4 term;
            if (MEASURE == MEASURE_CORRECT)
            {
                // NaN is taken as larger than any number, so that a network that has gone astray is not found right.
                bvec4 same = bvec4(uvec4(equal(score, own)) | (uvec4(isNan4(score)) & uvec4(isNan4(own))));
                bvec4 larger = bvec4((uvec4(greaterThan(score, own)) | uvec4(isNan4(score))) & ~uvec4(isNan4(own)) & uvec4(1u));
                bvec4 inFront = bvec4(uvec4(same) & uvec4(lessThan(element, label.index)));
                term = choose(bvec4(uvec4(larger) | uvec4(inFront)), vec4(1.0), vec4(0.0));
            }
            else
            {
                term = positivePart(score - own + p.margin);
                if (MEASURE == MEASURE_SQUARED_HINGE) term *= term;
                term = choose(equal(element, label.index), vec4(0.0), term);
            }
            total += choose(belongs(unit, i), term, vec4(0.0));
        }
        total = sumOfRows(total);
        value = MEASURE == MEASURE_CORRECT ? choose(lessThan(total, vec4(float(p.top))), vec4(1.0), vec4(0.0)) : total;
    }

    vec4 weight = LOAD_WEIGHTS(weights, label.index);
    value = choose(label.exist, value * weight, vec4(MEASURE == MEASURE_CORRECT ? 0.0 : NOT_A_NUMBER));
    value = choose(label.ignored, vec4(0.0), value);
    weight = choose(label.ignored, vec4(0.0), weight);

    bool stores = exists && laneInRow() == 0;
    if (p.reduce == REDUCE_NONE)
    {
        if (!stores) return;
        if (VECTOR == 2) result[number] = value;
        else STORE1(result, number, value.x);
        return;
    }
    int own_ = invocationInGroup();
    if (VECTOR == 2) groupTotals[own_] = vec2((value.x + value.y) + (value.z + value.w), (weight.x + weight.y) + (weight.z + weight.w));
    else groupTotals[own_] = vec2(value.x, weight.x);
    if (!stores) groupTotals[own_] = vec2(0.0);
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own_ < distance) groupTotals[own_] += groupTotals[own_ + distance];
    }
    int group = flatWorkgroup();
    if (own_ != 0 || group >= p.groups) return;
    vec2 totals = groupTotals[0];
    if (p.groups == 1) STORE1(result, 0, p.reduce == REDUCE_MEAN ? totals.x / totals.y : totals.x);
    else
    {
        STORE1(result, 2 * group, totals.x);
        STORE1(result, 2 * group + 1, totals.y);
    }
}
