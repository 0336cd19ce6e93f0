#ifndef VKNET_INDEXING
#define VKNET_INDEXING
// Flat numbering of workgroups. A device allows 65535 workgroups along an axis, so the host spreads n of them over
// x = min(n, 65535) and y = ceil(n / x); the last row may hold more workgroups than there is work, which must return at once.

int flatWorkgroup() { return int(gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x); }

int flatInvocation() { return flatWorkgroup() * int(gl_WorkGroupSize.x) + int(gl_LocalInvocationID.x); }

// The place along four axes, outermost first, of element number index of a dense array of these sizes.
ivec4 axesOf(int index, ivec4 sizes)
{
    int outer = index / sizes.w;
    int w = index - outer * sizes.w;
    int z = outer % sizes.z;
    outer /= sizes.z;
    return ivec4(outer / sizes.y, outer % sizes.y, z, w);
}

int dotAxes(ivec4 place, ivec4 strides) { return place.x * strides.x + place.y * strides.y + place.z * strides.z + place.w * strides.w; }

#endif
