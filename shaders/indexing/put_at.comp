#version 450
#extension GL_GOOGLE_include_directive : require
// Puts a stretch of every batch entry into a longer tensor from a given place on: target[b, m, start[b] + s, i] = update[b, m, s, i].
//
// Bindings
//   update   [batch, middle, steps, inner]
//   starts   one whole number per batch entry; CIRCULAR = 0: limited so that the stretch fits; 1: the place goes round the axis
//   target   [batch, middle, extent, inner]; elements outside the stretches are left alone
// Parameters: count: elements of the update, groups of four of them with VECTORS; middle, steps, extent, inner (in groups of four with VECTORS).
// Specialization constants: VECTORS = 1: inner is a multiple of 4; CIRCULAR; STARTS = 0: all starts are 0. Cost: 4 bytes read and written per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VECTORS = 0;
layout(constant_id = 1) const int CIRCULAR = 0;
layout(constant_id = 2) const int STARTS = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int middle;
    int steps;
    int extent;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Update, update);
INPUT_TENSOR(2, Starts, starts);
OUTPUT_TENSOR(3, Target, target);

void main()
{
    int item = flatInvocation();
    if (item >= p.count) return;
    ivec2 inner = divide(item, p.inner);
    ivec2 step_ = divide(inner.x, p.steps);
    ivec2 batch = divide(step_.x, p.middle);
    int start = STARTS != 0 ? floatBitsToInt(LOAD1(starts, batch.x)) : 0;
    int place;
    if (CIRCULAR != 0)
    {
        place = (start < 0 ? p.extent - 1 - (-1 - start) % p.extent : start % p.extent) + step_.y;
        if (place >= p.extent) place -= p.extent;
    }
    else place = clamp(start, 0, p.extent - p.steps) + step_.y;
    int element = (step_.x * p.extent + place) * p.inner + inner.y;
    if (VECTORS != 0) target[element] = LOAD4(update, item);
    else STORE1(target, element, LOAD1(update, item));
}
