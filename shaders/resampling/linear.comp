#version 450
#extension GL_GOOGLE_include_directive : require
// Resampling along one or two axes as linear maps given by tables:
// result[u, x, m, y, i] = sum over s, t of weightA[x, s] * weightB[y, t] * source[u, placeA[x, s], m, placeB[y, t], i]
//
// Source [outer, sourceA, middle, sourceB, inner] -> Result [outer, targetA, middle, targetB, inner]. Taps holds pairs of a place
// (i32) and a weight (f32): [targetA][tapsA], then [targetB][tapsB]. A place of -1 stands for the constant fill; taps of weight zero
// are not read.
// VECTORS = 1: inner is a multiple of 4 and counted in groups of four; an invocation makes one group. Otherwise it makes four neighbours.
// Cost: tapsA tapsB loads, twice as many FLOPs and one store per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VECTORS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result, or groups of four
    int sourceA;
    int targetA;
    int middle;
    int sourceB;
    int targetB;
    int inner;
    int tapsA;
    int tapsB;
    int firstB; // where the taps of axis B begin
    float fill;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Taps, taps);
OUTPUT_TENSOR(3, Result, result);

// The weighted sum for a place of the result; one element in .x without VECTORS.
vec4 resampled(int index)
{
    ivec2 inner = divide(index, p.inner);
    ivec2 b = divide(inner.x, p.targetB);
    ivec2 middle = divide(b.x, p.middle);
    ivec2 a = divide(middle.x, p.targetA);
    vec4 sum = vec4(0.0);
    for (int s = 0; s < p.tapsA; s++)
    {
        int tapA = 2 * (a.y * p.tapsA + s);
        int placeA = floatBitsToInt(LOAD1(taps, tapA));
        float weightA = LOAD1(taps, tapA + 1);
        if (weightA == 0.0) continue;
        int plane = ((a.x * p.sourceA + max(placeA, 0)) * p.middle + middle.y) * p.sourceB;
        for (int t = 0; t < p.tapsB; t++)
        {
            int tapB = p.firstB + 2 * (b.y * p.tapsB + t);
            int placeB = floatBitsToInt(LOAD1(taps, tapB));
            float weightB = LOAD1(taps, tapB + 1);
            if (weightB == 0.0) continue;
            int place = (plane + max(placeB, 0)) * p.inner + inner.y;
            vec4 value = VECTORS != 0 ? LOAD4(source, place) : vec4(LOAD1(source, place));
            sum += weightA * weightB * (placeA < 0 || placeB < 0 ? vec4(p.fill) : value);
        }
    }
    return sum;
}

void main()
{
    int index = flatInvocation();
    if (VECTORS != 0)
    {
        if (index < p.count) result[index] = resampled(index);
        return;
    }
    int element = 4 * index;
    if (element >= p.count) return;
    vec4 value;
    for (int k = 0; k < 4; k++) value[k] = resampled(min(element + k, p.count - 1)).x;
    if (element + 4 <= p.count) result[index] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(result, element + k, value[k]);
}
