#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Normalises groups of elements by their own statistics: result = program((x - mean) * factor * scale + shift), or, where the program is a
// prologue, x = program(source) and result = (x - mean) * factor * scale + shift.
//
// Bindings
//   source, result   of one shape, seen as groups (see normalization/groups.glsl)
//   scale, shift     element (group / scaleDivisor % scaleModulus) * scaleFactor + (element within the group) / scaleRun
// Parameters
//   reducedOuter, keptOuter, reducedInner, keptInner   the groups
//   epsilon                                            added under the root; see KIND
//   scaleDivisor, scaleModulus, scaleFactor, scaleRun  where scale and shift are found
//   channels                                           what a row operand of the epilogue is indexed with: group % channels
//   stepScalars                                        see common/epilogue.glsl
// Specialization constants: VECTOR, LANES as in the included files; KIND; SCALE and SHIFT: 0 none, 1 element by element within the
//   group (scaleFactor 0, scaleRun 1), 2 as the parameters say, 3 the same where scaleRun is a multiple of 4 (VECTOR = 1): one number for a
//   run of steps. A column operand is indexed with the element within the group, or with the group for VECTOR = 2.
//   PROLOGUE: 1 if the program is applied to every element of the source as it is read, its operands read at the same place (full) or as one
//   element.
// Rows are of 64 / LANES to a workgroup. The mean is subtracted before squares are summed, and the mean of what is left is taken
// off too: a large mean costs no accuracy.
// Cost: about 8 FLOPs per element; reads every element three times (from a cache unless groups are large) and writes it once.
//!variant lanes16 TEXELS SUBGROUP=16 | subgroup=16
//!variant lanes8 TEXELS SUBGROUP=8 | subgroup=8
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 1) const int KIND = 0;
layout(constant_id = 2) const int SCALE = 0;
layout(constant_id = 3) const int SHIFT = 0;
layout(constant_id = 4) const int PROLOGUE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int reducedOuter;
    int keptOuter;
    int reducedInner;
    int keptInner;
    float epsilon;
    int scaleDivisor;
    int scaleModulus;
    int scaleFactor;
    int scaleRun;
    int channels;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"
#include "normalization/groups.glsl"
#include "normalization/kinds.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Scale, scale);
INPUT_TENSOR(3, Shift, shift);
OUTPUT_TENSOR(4, Result, result);

int scaleIndex(int group, int element) { return divide(divide(group, p.scaleDivisor).x, p.scaleModulus).y * p.scaleFactor + divide(element, p.scaleRun).x; }

// Four numbers of scale or shift for a step: its elements differ in the group (VECTOR 2) or in their place within it (VECTOR 1).
#define LOAD_SCALE(name, how, group, element) \
    (how == 1 && VECTOR == 1 ? LOAD4(name, (element) >> 2) \
        : vec4(LOAD1(name, scaleIndex(group, element)), \
               LOAD1(name, scaleIndex((group) + (VECTOR == 2 ? 1 : 0), (element) + (VECTOR == 1 ? 1 : 0))), \
               LOAD1(name, scaleIndex((group) + (VECTOR == 2 ? 2 : 0), (element) + (VECTOR == 1 ? 2 : 0))), \
               LOAD1(name, scaleIndex((group) + (VECTOR == 2 ? 3 : 0), (element) + (VECTOR == 1 ? 3 : 0)))))

// A step of the source, with the prologue applied.
vec4 taken(int row, int i)
{
    int place = placeOfStep(row, i);
    vec4 value = LOAD_STEP(source, place);
    if (PROLOGUE != 0) value = VECTOR == 0 ? epilogue(value, OutputPlace(place, 0, 0, 1)) : epilogue(value, OutputPlace(4 * place, 0, 0, 4));
    return value;
}

// Scales, shifts and stores a step of normalised elements.
void finishStep(int row, int group, int i, vec4 value, vec4 runScale, vec4 runShift)
{
    int place = placeOfStep(row, i);
    int element = elementInGroup(i);
    if (SCALE != 0) value *= SCALE == 3 ? runScale : LOAD_SCALE(scale, SCALE, group, element);
    if (SHIFT != 0) value += SHIFT == 3 ? runShift : LOAD_SCALE(shift, SHIFT, group, element);
    int first = VECTOR == 0 ? place : 4 * place;
    int column = VECTOR == 2 ? divide(group, p.keptInner).y : element;
    int count = VECTOR == 0 ? 1 : VECTOR == 2 ? clamp(p.channels - column, 0, 4) : 4;
    if (PROLOGUE == 0) value = epilogue(value, OutputPlace(first, divide(group, p.channels).y, column, count));
    if (VECTOR == 2) value = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(count)), value, vec4(0.0));
    STORE_FOUR(result, first, count, value)
}

void main()
{
    int row = rowOfInvocation(flatWorkgroup());
    bool exists = row < rowCount();
    row = min(row, rowCount() - 1);
    int steps = stepsOfRow();

    vec4 mean = vec4(0.0);
    if (KIND == NORM_VARIANCE)
    {
        for (int i = laneInRow(); i < steps; i += LANES) mean += taken(row, i);
        mean = totalOf(mean) / groupSize();
    }
    vec4 spread = vec4(0.0);
    vec4 rest = vec4(0.0); // what the rounding of the mean left over
    for (int i = laneInRow(); i < steps; i += LANES)
    {
        vec4 value = taken(row, i) - mean;
        spread += KIND == NORM_L1 ? abs(value) : value * value;
        rest += value;
    }
    spread = totalOf(spread);
    rest = KIND == NORM_VARIANCE ? totalOf(rest) / groupSize() : vec4(0.0);
    spread -= rest * rest * groupSize();
    vec4 factor;
    if (KIND == NORM_L1 || KIND == NORM_L2)
    {
        vec4 norm = KIND == NORM_L1 ? spread : sqrt(spread);
        factor = choose(equal(norm, vec4(0.0)), vec4(0.0), 1.0 / norm);
    }
    else factor = 1.0 / sqrt(spread / groupSize() + p.epsilon);
    if (!exists) return;

    int group = groupOfRow(row);
    int run = SCALE == 3 || SHIFT == 3 ? p.scaleRun >> 2 : steps;
    for (int begin = 0; begin < steps; begin += run)
    {
        vec4 runScale = SCALE == 3 ? vec4(LOAD1(scale, scaleIndex(group, 4 * begin))) : vec4(1.0);
        vec4 runShift = SHIFT == 3 ? vec4(LOAD1(shift, scaleIndex(group, 4 * begin))) : vec4(0.0);
        for (int i = begin + laneInRow(); i < min(begin + run, steps); i += LANES)
            finishStep(row, group, i, ((taken(row, i) - mean) - rest) * factor, runScale, runShift);
    }
}
