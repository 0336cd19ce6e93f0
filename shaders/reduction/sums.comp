#version 450
#extension GL_GOOGLE_include_directive : require
// Adds up the rows of up to four matrices in one call: target[column] = sum over i of source[i, column], from the first row to the last, as
// reduction/columns does it for one.
//
// Source0 ... Source3: rows x columns. Target0 ... Target3: columns. COUNT of them are looked at.
// VECTORS: a bit per matrix, the first lowest: its columns are counted in fours, and an invocation adds up four of them; else one.
// A workgroup works on one matrix, on 64 such columns of it.
// Cost: 4 bytes and one operation per element of the sources.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int COUNT = 1;
layout(constant_id = 1) const int VECTORS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 rows;
    ivec4 columns;
    ivec4 groups; // the workgroup that begins a matrix; none does where that is beyond the last
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source0, source0);
INPUT_TENSOR(2, Source1, source1);
INPUT_TENSOR(3, Source2, source2);
INPUT_TENSOR(4, Source3, source3);
OUTPUT_TENSOR(5, Target0, target0);
OUTPUT_TENSOR(6, Target1, target1);
OUTPUT_TENSOR(7, Target2, target2);
OUTPUT_TENSOR(8, Target3, target3);

#define ADD_UP(number, source, target) \
    if (number < COUNT && own == number && column < p.columns[number]) \
    { \
        vec4 sum = vec4(0.0); \
        if (((VECTORS >> number) & 1) != 0) \
        { \
            for (int i = 0; i < p.rows[number]; i++) sum += LOAD4(source, i * p.columns[number] + column); \
            target[column] = sum; \
        } \
        else \
        { \
            for (int i = 0; i < p.rows[number]; i++) sum.x += LOAD1(source, i * p.columns[number] + column); \
            STORE1(target, column, sum.x); \
        } \
    }

void main()
{
    int group = flatWorkgroup();
    int own = 0;
    for (int number = 1; number < COUNT; number++) own += int(group >= p.groups[number]);
    int column = (group - p.groups[own]) * 64 + int(gl_LocalInvocationID.x);
    ADD_UP(0, source0, target0)
    ADD_UP(1, source1, target1)
    ADD_UP(2, source2, target2)
    ADD_UP(3, source3, target3)
}
