#ifndef VKNET_LANES
#define VKNET_LANES
// Several invocations of a workgroup of 64 share a row: LANES of them (1, 8 or 64) side by side. Sums and maxima are formed along
// a fixed tree, so that results do not depend on timing. Every invocation of the workgroup must take part.
#include "common/numbers.glsl"

layout(constant_id = 9) const int LANES = 1;

shared vec4 lanePartial[64];

int laneInRow() { return int(gl_LocalInvocationID.x) % LANES; }

vec4 largerOf(vec4 a, vec4 b) { return choose(isNan4(a), a, choose(isNan4(b), b, max(a, b))); }

vec4 sumOverLanes(vec4 value)
{
    if (LANES == 1) return value;
    int own = int(gl_LocalInvocationID.x);
    lanePartial[own] = value;
    for (int distance = LANES / 2; distance > 0; distance /= 2)
    {
        barrier();
        if (laneInRow() < distance) lanePartial[own] += lanePartial[own + distance];
    }
    barrier();
    vec4 total = lanePartial[own - laneInRow()];
    barrier();
    return total;
}

vec4 maximumOverLanes(vec4 value)
{
    if (LANES == 1) return value;
    int own = int(gl_LocalInvocationID.x);
    lanePartial[own] = value;
    for (int distance = LANES / 2; distance > 0; distance /= 2)
    {
        barrier();
        if (laneInRow() < distance) lanePartial[own] = largerOf(lanePartial[own], lanePartial[own + distance]);
    }
    barrier();
    vec4 largest = lanePartial[own - laneInRow()];
    barrier();
    return largest;
}

#endif
