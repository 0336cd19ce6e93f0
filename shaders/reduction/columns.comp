#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Folds columns: target[outer, chunk, column] = fold over i of source[outer, i, column], i = chunk * chunkLength ... (chunk + 1) * chunkLength - 1.
// Long columns are folded in chunks, and the chunks' results by another call; the order depends on the sizes only.
//
// Source: outer x extent x columns. Target: outer x chunks x columns.
// VECTORS = 1: columns is a multiple of 4 and an invocation folds four of them; 0: one.
// A pointwise program runs on every element read or, where PROGRAM says so, on the results; its operands are read at the same place (full) or as one
// element. ALIGNED is about what it runs on.
// Cost: 4 bytes and one operation per element of the source.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 64) in;

layout(constant_id = 3) const int VECTORS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // invocations that have something to do
    int extent;
    int columns; // in groups of four with VECTORS
    int chunks;
    int chunkLength;
    int count; // elements folded into one over all passes
    vec4 stepScalars[4]; // see common/epilogue.glsl
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"
#include "reduction/fold.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);

// The program on the elements of a step: four neighbours, or one.
vec4 program(vec4 value, int place) { return VECTORS != 0 ? epilogue(value, OutputPlace(4 * place, 0, 0, 4)) : epilogue(value, OutputPlace(place, 0, 0, 1)); }

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    int column = item % p.columns;
    int chunk = item / p.columns % p.chunks;
    int outer = item / p.columns / p.chunks;
    int first = chunk * p.chunkLength;
    int last = min(first + p.chunkLength, p.extent);
    Partial sum = nothing();
    for (int i = first; i < last; i++)
    {
        int place = (outer * p.extent + i) * p.columns + column;
        vec4 loaded = VECTORS != 0 ? LOAD4(source, place) : vec4(LOAD1(source, place));
        if (PROGRAM == PROGRAM_FIRST) loaded = program(loaded, place);
        sum = join(sum, single(TO_VALUE(loaded)));
    }
    vec4 value = FROM_VALUE(finish(sum, p.count));
    if (PROGRAM == PROGRAM_LAST) value = program(value, item);
    if (VECTORS != 0) target[item] = value;
    else STORE1(target, item, value.x);
}
