#version 450
#extension GL_GOOGLE_include_directive : require
// The losses of connectionist temporal classification from their forward paths (see loss/ctc_paths.comp): minus the logarithm of the
// probability of all ways to emit the labels; infinite where there is none.
//
// Bindings
//   paths                     [1, batch, steps, 2 mostLabels + 1], then [batch]
//   stepCounts, labelCounts   as in loss/ctc_paths.comp
//   result                    reduced = 0: [batch]; else one number
// Parameters: batch, steps, mostLabels; reduced: 1: the sum; 2: the mean of every loss divided by its number of labels (1 at least).
// One workgroup. Cost: about 40 FLOPs per batch entry.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int batch;
    int steps;
    int mostLabels;
    int reduced;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"
#include "loss/ctc.glsl"

INPUT_TENSOR(1, Paths, paths);
INPUT_TENSOR(2, StepCounts, stepCounts);
INPUT_TENSOR(3, LabelCounts, labelCounts);
OUTPUT_TENSOR(4, Result, result);

shared float totals[64];

void main()
{
    int own = int(gl_LocalInvocationID.x);
    int width = 2 * p.mostLabels + 1;
    float total = 0.0;
    for (int entry = own; entry < p.batch; entry += 64)
    {
        int steps = STEPS_OF(stepCounts, entry);
        int count = LABELS_OF(labelCounts, entry);
        int last = (entry * p.steps + max(steps - 1, 0)) * width + 2 * count;
        float value = count == 0 ? 0.0 : INFINITY;
        if (steps > 0) value = -LOAD1(paths, p.batch * p.steps * width + entry) - logarithmOfSum(vec4(LOAD1(paths, last), count > 0 ? LOAD1(paths, last - 1) : -INFINITY, -INFINITY, -INFINITY));
        if (p.reduced == 0) STORE1(result, entry, value);
        total += p.reduced == 2 ? value / float(max(count, 1) * p.batch) : value;
    }
    if (p.reduced == 0) return;
    totals[own] = total;
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) totals[own] += totals[own + distance];
    }
    if (own == 0) STORE1(result, 0, totals[0]);
}
