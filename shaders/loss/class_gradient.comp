#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of a classifier's loss (see loss/class_measure.comp) in its scores:
//   cross-entropy   f * (softmax(x) - [j = y])
//   soft            f * (softmax(x) * (sum of targets) - target[j])
//   negative        -f * [j = y]
//   hinge           f * h(j) for j other than y, and f * -(sum of h) for y, with h = [x[j] - x[y] + margin > 0]; squared: h = 2 max(0, x[j] - x[y] + margin)
// where f = upstream * share * weight of the label, divided by total.
//
// With MEASURES it also gives the loss itself (1), and how many are right (2), as loss/class_measure does: what is read is at hand.
//
// Bindings
//   scores, result   seen as rows (see common/rows.glsl)
//   labels           one whole number per row; not read for MEASURE_SOFT
//   weights          one factor per class, read if weighted only; for MEASURE_SOFT the targets, of the scores' shape
//   upstream         perRow = 1: one number per row; else one for all
//   total            one number; read if divided only
//   loss, correct    as loss/class_measure's result; written if asked for
// Parameters
//   units, extent, inner   the rows
//   weighted, ignores      1: there are weights; there is a label whose rows have the gradient 0
//   ignored                that label
//   perRow, divided        see the bindings
//   reduce, groups, top    of the loss and of what is right, see loss/class_measure; what is right is averaged
//   margin, share
// Specialization constants: VECTOR, ALIGNED_ROWS, LANES; MEASURE; MEASURES, bits. A label that is no class makes its
// row NaN. 64 / LANES units to a workgroup.
// Cost: about 40 FLOPs per score for the cross-entropy; reads every score up to three times (later ones from a cache), writes it once.
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
    int perRow;
    int divided;
    int reduce;
    int groups;
    int top;
    float margin;
    float share;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/rows.glsl"

INPUT_TENSOR(1, Scores, scores);
INPUT_TENSOR(2, Labels, labels);
INPUT_TENSOR(3, Weights, weights);
INPUT_TENSOR(4, Upstream, upstream);
INPUT_TENSOR(5, Total, total);
OUTPUT_TENSOR(6, Result, result);
OUTPUT_TENSOR(7, Loss, loss);
OUTPUT_TENSOR(8, Correct, correct);

#include "loss/class_measures.glsl"

layout(constant_id = 3) const int MEASURES = 0;

// The derivative of a hinge.
vec4 slope(vec4 above)
{
    if (MEASURE == MEASURE_SQUARED_HINGE) return 2.0 * positivePart(above);
    return choose(isNan4(above), above, choose(greaterThan(above, vec4(0.0)), vec4(1.0), vec4(0.0)));
}

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
    vec4 factor = (p.perRow != 0 ? LOAD_ROWS(upstream, number) : vec4(LOAD1(upstream, 0))) * p.share * LOAD_WEIGHTS(weights, label.index);
    if (p.divided != 0) factor /= LOAD1(total, 0);
    factor = choose(label.exist, factor, vec4(NOT_A_NUMBER));

    vec4 own = vec4(0.0);
    vec4 largest = vec4(-INFINITY);
    vec4 sum = vec4(0.0);
    if (MEASURE == MEASURE_CROSS_ENTROPY || MEASURE == MEASURE_SOFT)
    {
        for (int i = laneInRow(); i < steps; i += LANES)
            largest = largerOf(largest, choose(belongs(unit, i), LOAD_STEP(scores, placeOf(unit, i)), vec4(-INFINITY)));
        largest = largestOfRows(largest);
        vec4 reference = referenceOf(largest);
        for (int i = laneInRow(); i < steps; i += LANES)
            sum += choose(belongs(unit, i), exponential(LOAD_STEP(scores, placeOf(unit, i)) - reference), vec4(0.0));
        sum = 1.0 / sumOfRows(sum);
        if (MEASURE == MEASURE_SOFT)
        {
            vec4 shares = vec4(0.0);
            for (int i = laneInRow(); i < steps; i += LANES)
                shares += choose(belongs(unit, i), LOAD_STEP(weights, placeOf(unit, i)), vec4(0.0));
            sum *= sumOfRows(shares);
        }
    }
    if (MEASURE == MEASURE_HINGE || MEASURE == MEASURE_SQUARED_HINGE)
    {
        own = LOAD_AT_LABELS(scores, unit, label.index);
        for (int i = laneInRow(); i < steps; i += LANES)
        {
            vec4 term = slope(LOAD_STEP(scores, placeOf(unit, i)) - own + p.margin);
            bvec4 counts = bvec4(uvec4(belongs(unit, i)) & uvec4(notEqual(elementsOf(unit, i), label.index)));
            sum += choose(counts, term, vec4(0.0));
        }
        sum = sumOfRows(sum);
    }

    for (int i = laneInRow(); i < steps; i += LANES)
    {
        int place = placeOf(unit, i);
        bvec4 isLabel = equal(elementsOf(unit, i), label.index);
        vec4 value;
        if (MEASURE == MEASURE_NEGATIVE) value = choose(isLabel, vec4(-1.0), vec4(0.0));
        else
        {
            vec4 score = LOAD_STEP(scores, place);
            if (MEASURE == MEASURE_CROSS_ENTROPY) value = exponential(score - largest) * sum - choose(isLabel, vec4(1.0), vec4(0.0));
            else if (MEASURE == MEASURE_SOFT) value = exponential(score - largest) * sum - LOAD_STEP(weights, place);
            else value = choose(isLabel, -sum, slope(score - own + p.margin));
        }
        value = choose(label.ignored, vec4(0.0), value * factor);
        bvec4 within = belongs(unit, i);
        if (exists) STORE_STEP(result, place, within, value)
    }
    if (MEASURES == 0) return;

    vec4 totals = vec4(0.0);
    if ((MEASURES & 1) != 0)
    {
        vec4 weight = LOAD_WEIGHTS(weights, label.index);
        totals.xy = addedOverUnit(countedOf(MEASURE, measureOf(MEASURE, unit, steps, label) * weight, label), weight, label);
    }
    if ((MEASURES & 2) != 0) totals.zw = addedOverUnit(countedOf(MEASURE_CORRECT, measureOf(MEASURE_CORRECT, unit, steps, label), label), vec4(1.0), label);
    totals = addedOverGroup(exists && laneInRow() == 0 ? totals : vec4(0.0));
    int group = flatWorkgroup();
    if (invocationInGroup() != 0 || group >= p.groups) return;
    if ((MEASURES & 1) != 0) STORE_TOTALS(loss, group, totals.xy, p.reduce)
    if ((MEASURES & 2) != 0) STORE_TOTALS(correct, group, totals.zw, REDUCE_MEAN)
}
