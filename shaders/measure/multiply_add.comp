#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Measures the multiply-add rate: every invocation runs CHAINS independent chains x = x * factor + summand.
//
// Result: one vec4 per invocation, so that nothing can be left out.
// Work: invocations * iterations * 16 * CHAINS * WIDTH multiply-adds, two FLOPs each.
// Host: RunLinear over the invocations, 64 to a workgroup.
//
//!variant scalar4 ELEMENT=float CHAINS=4 WIDTH=1
//!variant scalar8 ELEMENT=float CHAINS=8 WIDTH=1
//!variant scalar12 ELEMENT=float CHAINS=12 WIDTH=1
//!variant scalar16 ELEMENT=float CHAINS=16 WIDTH=1
//!variant vector4 ELEMENT=vec4 CHAINS=4 WIDTH=4
//!variant vector8 ELEMENT=vec4 CHAINS=8 WIDTH=4
//!variant vector12 ELEMENT=vec4 CHAINS=12 WIDTH=4
//!variant vector16 ELEMENT=vec4 CHAINS=16 WIDTH=4
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int iterations;
    float factor;
    float summand;
} p;

layout(set = 0, binding = 1, std430) writeonly buffer Result { vec4 result[]; };

#include "common/indexing.glsl"

void main()
{
    ELEMENT factor = ELEMENT(p.factor), summand = ELEMENT(p.summand);
    ELEMENT chain[CHAINS];
    [[unroll]] for (int i = 0; i < CHAINS; i++) chain[i] = ELEMENT(float(gl_LocalInvocationIndex) + float(i));
    for (int k = 0; k < p.iterations; k++)
        [[unroll]] for (int u = 0; u < 16; u++)
            [[unroll]] for (int i = 0; i < CHAINS; i++) chain[i] = chain[i] * factor + summand;
    ELEMENT sum = ELEMENT(0.0);
    [[unroll]] for (int i = 0; i < CHAINS; i++) sum += chain[i];
    result[flatInvocation()] = vec4(sum);
}
