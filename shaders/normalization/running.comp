#version 450
#extension GL_GOOGLE_include_directive : require
// Moves running statistics toward those of a batch: momentum * running + (1 - momentum) * current, for mean and variance, [C] each.
// Cost: 3 FLOPs and 12 bytes per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int channels;
    float momentum;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, RunningMean, runningMean);
INPUT_TENSOR(2, RunningVariance, runningVariance);
INPUT_TENSOR(3, BatchMean, batchMean);
INPUT_TENSOR(4, BatchVariance, batchVariance);
OUTPUT_TENSOR(5, NextMean, nextMean);
OUTPUT_TENSOR(6, NextVariance, nextVariance);

void main()
{
    int channel = flatInvocation();
    if (channel >= p.channels) return;
    STORE1(nextMean, channel, p.momentum * LOAD1(runningMean, channel) + (1.0 - p.momentum) * LOAD1(batchMean, channel));
    STORE1(nextVariance, channel, p.momentum * LOAD1(runningVariance, channel) + (1.0 - p.momentum) * LOAD1(batchVariance, channel));
}
