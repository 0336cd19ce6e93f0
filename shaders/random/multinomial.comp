#version 450
#extension GL_GOOGLE_include_directive : require
// Draws class numbers with probabilities proportional to e^score: target[row, s] is the first class up to which the weights of the row
// sum to more than u times their total, where u is word row * samples + s as a uniform number in [0, 1).
//
// Counter: one whole number. Scores: rows x classes. Target: rows x samples whole numbers.
// One workgroup per row; each invocation sums a run of neighbouring classes, so sums are formed in one order on every device, from weights
// that are the same on every device (random/precise.glsl). Cost: 20 FLOPs and 12 bytes read per score, 20 FLOPs times classes / 256 per sample.
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    uvec4 random; // seed low and high, stream low and high
    int rows;
    int classes;
    int samples;
} p;

#include "common/indexing.glsl"
#include "random/philox.glsl"
#include "random/precise.glsl"

INPUT_TENSOR(2, Scores, scores);
OUTPUT_TENSOR(3, Target, target);

shared float partial[256];

void main()
{
    int row = flatWorkgroup();
    if (row >= p.rows) return;
    int lane = int(gl_LocalInvocationID.x);
    int run = (p.classes + 255) / 256;
    int first = row * p.classes;
    int begin = min(lane * run, p.classes);
    int end = min(begin + run, p.classes);

    float largest = LOAD1(scores, first);
    for (int i = begin; i < end; i++) largest = max(largest, LOAD1(scores, first + i));
    partial[lane] = largest;
    barrier();
    for (int distance = 128; distance > 0; distance /= 2)
    {
        if (lane < distance) partial[lane] = max(partial[lane], partial[lane + distance]);
        barrier();
    }
    largest = partial[0];
    barrier();

    precise float sum = 0.0;
    for (int i = begin; i < end; i++) sum = sum + preciseExponential(LOAD1(scores, first + i) - largest);
    partial[lane] = sum;
    barrier();
    if (lane == 0)
    {
        precise float total = 0.0;
        for (int i = 0; i < 256; i++)
        {
            total = total + partial[i];
            partial[i] = total;
        }
    }
    barrier();

    for (int s = lane; s < p.samples; s += 256)
    {
        int place = row * p.samples + s;
        precise float bound = partial[255] * (float(randomWord(uint(place), p.random) >> 8) * 5.9604644775390625e-8);
        int part = 0;
        while (part < 255 && !(partial[part] > bound)) part++;
        precise float below = part > 0 ? partial[part - 1] : 0.0;
        int chosen = min(part * run, p.classes - 1);
        for (int i = chosen; i < min((part + 1) * run, p.classes); i++)
        {
            float weight = preciseExponential(LOAD1(scores, first + i) - largest);
            below = below + weight;
            if (weight > 0.0) chosen = i;
            if (below > bound) break;
        }
        STORE1(target, place, intBitsToFloat(chosen));
    }
}
