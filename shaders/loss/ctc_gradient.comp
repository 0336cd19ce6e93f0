#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of connectionist temporal classification in its logits: f * (softmax - how probable it is that a path that emits the labels
// emits the class at the step). Steps behind an entry's last, and entries whose labels cannot be emitted, have the gradient 0.
//
// Bindings
//   logs                      [steps, batch, classes] log-probabilities
//   labels, stepCounts, labelCounts, paths   as in loss/ctc_paths.comp, both directions
//   upstream                  perEntry = 1: [batch]; else one number
//   result                    [steps, batch, classes]
// Parameters: workgroups: steps x batch; steps, batch, classes, mostLabels, blank; perEntry; mean: 1: f = upstream / (batch * number of labels).
// A workgroup does one step of one entry: all classes first, then those that the labels name.
// Cost: about 25 FLOPs and 8 bytes per class, 60 FLOPs per state, and a comparison for every two labels.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int workgroups;
    int steps;
    int batch;
    int classes;
    int mostLabels;
    int blank;
    int perEntry;
    int mean;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"
#include "loss/ctc.glsl"

INPUT_TENSOR(1, Logs, logs);
INPUT_TENSOR(2, Labels, labels);
INPUT_TENSOR(3, StepCounts, stepCounts);
INPUT_TENSOR(4, LabelCounts, labelCounts);
INPUT_TENSOR(5, Paths, paths);
INPUT_TENSOR(6, Upstream, upstream);
// Elements are written twice, by different invocations.
layout(set = 0, binding = 7, std430) coherent writeonly buffer Result { vec4 result[]; };

shared float partial[64];

float largestOfAll(float value)
{
    int own = int(gl_LocalInvocationID.x);
    partial[own] = value;
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) partial[own] = max(partial[own], partial[own + distance]);
    }
    barrier();
    float result_ = partial[0];
    barrier();
    return result_;
}

float sumOfAll(float value)
{
    int own = int(gl_LocalInvocationID.x);
    partial[own] = value;
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) partial[own] += partial[own + distance];
    }
    barrier();
    float result_ = partial[0];
    barrier();
    return result_;
}

void main()
{
    int group = flatWorkgroup();
    bool exists = group < p.workgroups;
    group = min(group, p.workgroups - 1);
    ivec2 step_ = divide(group, p.batch);
    int entry = step_.y;
    int steps = STEPS_OF(stepCounts, entry);
    int count = LABELS_OF(labelCounts, entry);
    int states = 2 * count + 1;
    int width = 2 * p.mostLabels + 1;
    int own = int(gl_LocalInvocationID.x);
    float factor = LOAD1(upstream, p.perEntry != 0 ? entry : 0) / (p.mean != 0 ? float(max(count, 1) * p.batch) : 1.0);
    int first = group * p.classes;

    // Shares of the paths that go through a state at the step: both directions hold its emission. They are divided by what they make
    // up together, so that what either direction has taken off does not matter.
    int forward = (entry * p.steps + step_.x) * width;
    int backward = ((p.batch + entry) * p.steps + step_.x) * width;
#define PATHS_THROUGH(state, label) (LOAD1(paths, forward + (state)) + LOAD1(paths, backward + (state)) - LOAD1(logs, first + (label)))
    float largest = -INFINITY;
    if (step_.x < steps)
        for (int s = own; s < states; s += 64) largest = max(largest, PATHS_THROUGH(s, LABEL_OF(labels, entry, s)));
    largest = largestOfAll(largest);
    bool counts = largest != -INFINITY;
    float all = 0.0;
    float blanks = 0.0;
    if (counts)
        for (int s = own; s < states; s += 64)
        {
            int label = LABEL_OF(labels, entry, s);
            float share = exponential(vec4(PATHS_THROUGH(s, label) - largest)).x;
            all += share;
            if (label == p.blank) blanks += share;
        }
    all = sumOfAll(all);
    blanks = sumOfAll(blanks);

    for (int c = own; c < p.classes; c += 64)
        if (exists) STORE1(result, first + c, counts ? factor * exponential(vec4(LOAD1(logs, first + c))).x : 0.0);
    memoryBarrierBuffer();
    barrier();
    if (!exists || !counts) return;
    if (own == 0) STORE1(result, first + p.blank, factor * (exponential(vec4(LOAD1(logs, first + p.blank))).x - blanks / all));
    // The first state of a label adds up all states of it.
    for (int s = 2 * own + 1; s < states; s += 128)
    {
        int label = LABEL_OF(labels, entry, s);
        bool isFirst = label != p.blank;
        for (int other = 1; other < s && isFirst; other += 2) isFirst = LABEL_OF(labels, entry, other) != label;
        if (!isFirst) continue;
        float sum = 0.0;
        for (int other = s; other < states; other += 2)
            if (LABEL_OF(labels, entry, other) == label) sum += exponential(vec4(PATHS_THROUGH(other, label) - largest)).x;
        STORE1(result, first + label, factor * (exponential(vec4(LOAD1(logs, first + label))).x - sum / all));
    }
}
