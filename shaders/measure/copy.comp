#version 450
#extension GL_GOOGLE_include_directive : require
// Measures copying: one vec4 an invocation, read as a texel where the device has texel buffers, else from a storage buffer.
//
// Source, Result: count vec4 each. Bytes: 32 * count (read and written). Host: RunLinear over count, 256 to a workgroup.
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

void main()
{
    int i = flatInvocation();
    if (i < p.count) result[i] = LOAD4(source, i);
}
