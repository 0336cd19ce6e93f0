#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Folds rows of neighbouring elements: target[row, chunk] = fold of source[row, chunk * chunkLength ... (chunk + 1) * chunkLength - 1].
// Long rows are folded in chunks, and the chunks' results by another call; the order depends on the sizes only.
//
// Source: rows x extent. Target: rows x chunks.
// LANES (1, 16 or 256): invocations that share a chunk, each taking every LANES-th group of four; their results are joined pairwise.
// A pointwise program runs on every element read or, where PROGRAM says so, on the results; its operands are read at the same place (full) or as one
// element. ALIGNED is about what it runs on.
// Cost: 4 bytes and one operation per element of the source.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 256) in;

layout(constant_id = 3) const int LANES = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows;
    int extent;
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

shared Partial partials[256];

void main()
{
    int lane = int(gl_LocalInvocationID.x) % LANES;
    int place = flatWorkgroup() * (256 / LANES) + int(gl_LocalInvocationID.x) / LANES;
    bool exists = place < p.rows * p.chunks;
    Partial sum = nothing();
    if (exists)
    {
        int row = place / p.chunks;
        int first = row * p.extent + (place % p.chunks) * p.chunkLength;
        int last = min(first + p.chunkLength, (row + 1) * p.extent);
        // Groups of four are read aligned; what of them lies outside the chunk is left out.
        for (int group = (first >> 2) + lane; 4 * group < last; group += LANES)
        {
            vec4 loaded = LOAD4(source, group);
            if (PROGRAM == PROGRAM_FIRST) loaded = epilogue(loaded, OutputPlace(4 * group, 0, 0, 4));
            Partial element = single(TO_VALUE(loaded));
            ivec4 index = 4 * group + ivec4(0, 1, 2, 3);
            bvec4 inside = bvec4(uvec4(greaterThanEqual(index, ivec4(first))) & uvec4(lessThan(index, ivec4(last))));
            sum = join(sum, chooseParts(inside, element, nothing()));
        }
    }
    sum = joinLanes(sum);
    if (LANES > 1)
    {
        int me = int(gl_LocalInvocationID.x);
        partials[me] = sum;
        barrier();
        for (int reach = LANES / 2; reach > 0; reach /= 2)
        {
            if (lane < reach) partials[me] = join(partials[me], partials[me + reach]);
            barrier();
        }
        sum = partials[me];
    }
    if (exists && lane == 0)
    {
        vec4 value = FROM_VALUE(finish(sum, p.count));
        if (PROGRAM == PROGRAM_LAST) value = epilogue(value, OutputPlace(place, 0, 0, 1));
        STORE1(target, place, value.x);
    }
}
