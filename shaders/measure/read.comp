#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Measures reading: every invocation sums RUN vec4 that lie a workgroup apart, and writes one.
//
// Source: count vec4, count a multiple of 256 * 16. Result: count / 16 vec4. Bytes: 17 * count. Host: RunLinear over count / 16, 256 to a workgroup.
//
//!variant texels TEXELS
//!variant storage
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
} p;

#include "common/tensors.glsl"
#include "common/indexing.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

const int RUN = 16;

void main()
{
    int i = flatInvocation();
    if (i >= p.count / RUN) return;
    int start = flatWorkgroup() * 256 * RUN + int(gl_LocalInvocationID.x);
    vec4 sum = vec4(0.0);
    [[unroll]] for (int k = 0; k < RUN; k++) sum += LOAD4(source, start + k * 256);
    result[i] = sum;
}
