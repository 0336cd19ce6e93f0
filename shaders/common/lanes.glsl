#ifndef VKNET_LANES
#define VKNET_LANES
// Several invocations of a workgroup of 64 share a row: LANES of them (1, 8, 16 or 64) side by side. Sums and maxima are formed along
// a fixed tree, so that results do not depend on timing. Every invocation of the workgroup must take part.
//
// A variant that defines SUBGROUP, the subgroup's size (8, 16 or 32, which the host has checked), exchanges within a subgroup by
// shuffles, which on a CPU driver are register moves; only rows of more lanes than that go through shared memory, once instead of at each
// level of the tree.
#include "common/numbers.glsl"

layout(constant_id = 9) const int LANES = 1;

#ifdef SUBGROUP
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require

shared vec4 lanePartial[64 / SUBGROUP];

// Number of this invocation in its workgroup, such that neighbours share a subgroup.
int invocationInGroup() { return int(gl_SubgroupID) * SUBGROUP + int(gl_SubgroupInvocationID); }
#else
shared vec4 lanePartial[64];

int invocationInGroup() { return int(gl_LocalInvocationID.x); }
#endif

int laneInRow() { return invocationInGroup() % LANES; }

// Number of the row that this invocation works on, counted over all workgroups.
int rowOfInvocation(int workgroup) { return (workgroup * 64 + invocationInGroup()) / LANES; }

vec4 largerOf(vec4 a, vec4 b) { return choose(isNan4(a), a, choose(isNan4(b), b, max(a, b))); }

vec4 addedUp(vec4 a, vec4 b) { return a + b; }

#ifdef SUBGROUP
// Named by its number: by subgroupShuffleXor, lavapipe 25.0.7 gave half of the lanes wrong sums in loss/softmax_gradient.
vec4 partner(vec4 value, uint distance) { return subgroupShuffle(value, gl_SubgroupInvocationID ^ distance); }

// Whole subgroups share a row when LANES is 64: each leaves its part, and all join the parts in the same order.
#define OVER_LANES(name, join) \
    vec4 name(vec4 value) \
    { \
        if (LANES > 1) value = join(value, partner(value, 1u)); \
        if (LANES > 2) value = join(value, partner(value, 2u)); \
        if (LANES > 4) value = join(value, partner(value, 4u)); \
        if (LANES > 8 && SUBGROUP > 8) value = join(value, partner(value, 8u)); \
        if (LANES > 16 && SUBGROUP > 16) value = join(value, partner(value, 16u)); \
        if (LANES > SUBGROUP) \
        { \
            if (gl_SubgroupInvocationID == 0u) lanePartial[gl_SubgroupID] = value; \
            barrier(); \
            value = lanePartial[0]; \
            for (int i = 1; i < 64 / SUBGROUP; i++) value = join(value, lanePartial[i]); \
            barrier(); \
        } \
        return value; \
    }
#else
#define OVER_LANES(name, join) \
    vec4 name(vec4 value) \
    { \
        if (LANES == 1) return value; \
        int own = invocationInGroup(); \
        lanePartial[own] = value; \
        for (int distance = LANES / 2; distance > 0; distance /= 2) \
        { \
            barrier(); \
            if (laneInRow() < distance) lanePartial[own] = join(lanePartial[own], lanePartial[own + distance]); \
        } \
        barrier(); \
        vec4 whole = lanePartial[own - laneInRow()]; \
        barrier(); \
        return whole; \
    }
#endif

OVER_LANES(sumOverLanes, addedUp)
OVER_LANES(maximumOverLanes, largerOf)

#endif
