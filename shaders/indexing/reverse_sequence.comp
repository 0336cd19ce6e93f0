#version 450
#extension GL_GOOGLE_include_directive : require
// Reverses the first lengths[b] steps of every sequence: target[.. t .. b .. i] = source[.. t < n ? n - 1 - t : t .. b .. i] with n = lengths[b].
//
// The tensor is seen as [outer, first, middle, second, inner]; TIME_FIRST = 1 if the first of the two axes is time and the second the
// batch, 0 the other way round. Lengths are limited to the number of steps.
// Cost: 4 bytes read and 4 written per element.
layout(local_size_x = 256) in;

layout(constant_id = 0) const int TIME_FIRST = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int first;
    int middle;
    int second;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Lengths, lengths);
OUTPUT_TENSOR(3, Target, target);

void main()
{
    int element = 4 * flatInvocation();
    if (element >= p.count) return;
    int secondStride = p.inner;
    int firstStride = p.inner * p.second * p.middle;
    for (int k = 0; k < 4; k++)
    {
        int place = element + k;
        if (place >= p.count) return;
        int y = place / secondStride % p.second;
        int x = place / firstStride % p.first;
        int steps = TIME_FIRST != 0 ? p.first : p.second;
        int t = TIME_FIRST != 0 ? x : y;
        int n = clamp(floatBitsToInt(LOAD1(lengths, TIME_FIRST != 0 ? y : x)), 0, steps);
        int from = t < n ? n - 1 - t : t;
        STORE1(target, place, LOAD1(source, place + (from - t) * (TIME_FIRST != 0 ? firstStride : secondStride)));
    }
}
