#ifndef VKNET_NORMALIZATION_GROUPS
#define VKNET_NORMALIZATION_GROUPS
// Groups of elements that are normalised together. The tensor is seen as [reducedOuter, keptOuter, reducedInner, keptInner]; a
// group is what shares its two kept numbers, group number keptOuter index * keptInner + keptInner index.
//
// A row is the work of LANES invocations, in steps of four elements or one:
//   VECTOR = 1   four neighbours along reducedInner (keptInner is 1, reducedInner a multiple of 4); a row is one group
//   VECTOR = 2   four neighbours along keptInner (a multiple of 4); a row is four groups
//   VECTOR = 0   one element; a row is one group
// A kernel declares its Parameters block p with the fields of GROUP_FIELDS before including this file.
#include "common/lanes.glsl"
#include "common/indexing.glsl"

layout(constant_id = 0) const int VECTOR = 0;
layout(constant_id = 10) const int CONTIGUOUS = 0; // 1 where every group is one run of neighbours: reducedOuter and keptInner are 1

int rowCount() { return p.keptOuter * (VECTOR == 2 ? p.keptInner >> 2 : p.keptInner); }

// Steps along the inner reduced axis.
int innerSteps() { return VECTOR == 1 ? p.reducedInner >> 2 : p.reducedInner; }

int stepsOfRow() { return p.reducedOuter * innerSteps(); }

float groupSize() { return float(p.reducedOuter) * float(p.reducedInner); }

// Number of a step's texel (VECTOR 1 or 2) or element (VECTOR 0).
int placeOfStep(int row, int stepNumber)
{
    if (CONTIGUOUS != 0) return row * innerSteps() + stepNumber;
    int keptInner = VECTOR == 2 ? p.keptInner >> 2 : p.keptInner;
    ivec2 kept = divide(row, keptInner);
    ivec2 reduced = divide(stepNumber, innerSteps());
    return ((reduced.x * p.keptOuter + kept.x) * innerSteps() + reduced.y) * keptInner + kept.y;
}

// The group of a row, the first of four for VECTOR = 2.
int groupOfRow(int row) { return VECTOR == 2 ? row * 4 : row; }

// A step's first element as numbered within its group.
int elementInGroup(int stepNumber) { return VECTOR == 1 ? stepNumber * 4 : stepNumber; }

#define LOAD_STEP(name, place) (VECTOR == 0 ? vec4(LOAD1(name, place)) : LOAD4(name, place))

// A row's total for each of its groups from what the lanes have added up.
vec4 totalOf(vec4 value)
{
    value = sumOverLanes(value);
    return VECTOR == 1 ? vec4(value.x + value.y + value.z + value.w) : value;
}

#endif
