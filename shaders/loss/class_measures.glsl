#ifndef VKNET_LOSS_CLASS_MEASURES
#define VKNET_LOSS_CLASS_MEASURES
// How rows of class scores are measured and the measures added up, shared by loss/class_measure and loss/class_gradient. Before including this
// file a kernel declares scores, weights and its parameters: units ... groups, top and margin are those of loss/class_measure.
#include "loss/class_kinds.glsl"

shared vec4 groupTotals[64];

// A measure (MEASURE_...) of every row of a unit, not weighted. Every invocation of the workgroup must take part.
vec4 measureOf(int measure, Unit unit, int steps, RowLabels label)
{
    vec4 own = vec4(0.0);
    if (measure != MEASURE_SOFT && measure != MEASURE_WEIGHT) own = LOAD_AT_LABELS(scores, unit, label.index);
    vec4 value = vec4(1.0);
    if (measure == MEASURE_NEGATIVE) value = -own;
    if (measure == MEASURE_CROSS_ENTROPY || measure == MEASURE_SOFT)
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
        if (measure == MEASURE_SOFT)
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
    if (measure == MEASURE_HINGE || measure == MEASURE_SQUARED_HINGE || measure == MEASURE_CORRECT)
    {
        vec4 total = vec4(0.0);
        for (int i = laneInRow(); i < steps; i += LANES)
        {
            vec4 score = LOAD_STEP(scores, placeOf(unit, i));
            ivec4 element = elementsOf(unit, i);
            vec4 term;
            if (measure == MEASURE_CORRECT)
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
                if (measure == MEASURE_SQUARED_HINGE) term *= term;
                term = choose(equal(element, label.index), vec4(0.0), term);
            }
            total += choose(belongs(unit, i), term, vec4(0.0));
        }
        total = sumOfRows(total);
        value = measure == MEASURE_CORRECT ? choose(lessThan(total, vec4(float(p.top))), vec4(1.0), vec4(0.0)) : total;
    }
    return value;
}

// A weighted measure as it counts: nothing for an ignored label, and for one that is no class not right, or no loss at all.
vec4 countedOf(int measure, vec4 value, RowLabels label)
{
    return choose(label.ignored, vec4(0.0), choose(label.exist, value, vec4(measure == MEASURE_CORRECT ? 0.0 : NOT_A_NUMBER)));
}

// The measures and the weights of a unit's rows, added up.
vec2 addedOverUnit(vec4 value, vec4 weight, RowLabels label)
{
    weight = choose(label.ignored, vec4(0.0), weight);
    return VECTOR == 2 ? vec2((value.x + value.y) + (value.z + value.w), (weight.x + weight.y) + (weight.z + weight.w)) : vec2(value.x, weight.x);
}

// The sum over the workgroup, for its first invocation. All must take part.
vec4 addedOverGroup(vec4 totals)
{
    int own = invocationInGroup();
    groupTotals[own] = totals;
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) groupTotals[own] += groupTotals[own + distance];
    }
    return groupTotals[own];
}

// Stores the reduced number of a workgroup that is alone, else its totals for loss/totals.comp.
#define STORE_TOTALS(name, group, totals, reduce) \
    { \
        if (p.groups == 1) STORE1(name, 0, (reduce) == REDUCE_MEAN ? (totals).x / (totals).y : (totals).x); \
        else \
        { \
            STORE1(name, 2 * (group), (totals).x); \
            STORE1(name, 2 * (group) + 1, (totals).y); \
        } \
    }

#endif
