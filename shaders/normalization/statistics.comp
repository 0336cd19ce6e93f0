#version 450
#extension GL_GOOGLE_include_directive : require
// Mean and variance of groups of elements, each for itself (see normalization/groups.glsl).
//
// Source, seen as groups -> Mean and Spread, one element per group: Spread is the variance (divided by the number of elements), or
// with INVERSE = 1 the number 1 / sqrt(variance + epsilon). Cost: 4 FLOPs per element; reads every element twice.
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 1) const int INVERSE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int reducedOuter;
    int keptOuter;
    int reducedInner;
    int keptInner;
    float epsilon;
    int groups; // how many to store: pad channels have none
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "normalization/groups.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Mean, mean);
OUTPUT_TENSOR(3, Spread, spread);

void main()
{
    int row = rowOfInvocation(flatWorkgroup());
    bool exists = row < rowCount();
    row = min(row, rowCount() - 1);
    int steps = stepsOfRow();

    vec4 average = vec4(0.0);
    for (int i = laneInRow(); i < steps; i += LANES) average += LOAD_STEP(source, placeOfStep(row, i));
    average = totalOf(average) / groupSize();
    vec4 squares = vec4(0.0);
    vec4 rest = vec4(0.0); // what the rounding of the mean left over
    for (int i = laneInRow(); i < steps; i += LANES)
    {
        vec4 value = LOAD_STEP(source, placeOfStep(row, i)) - average;
        squares += value * value;
        rest += value;
    }
    rest = totalOf(rest) / groupSize();
    squares = totalOf(squares) / groupSize() - rest * rest;
    average += rest;
    if (INVERSE != 0) squares = 1.0 / sqrt(squares + p.epsilon);

    if (!exists || laneInRow() != 0) return;
    int group = groupOfRow(row);
    int count = VECTOR == 2 ? min(4, p.groups - group) : 1;
    for (int i = 0; i < count; i++)
    {
        STORE1(mean, group + i, average[i]);
        STORE1(spread, group + i, squares[i]);
    }
}
