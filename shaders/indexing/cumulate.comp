#version 450
#extension GL_GOOGLE_include_directive : require
// Running sums or products along an axis: target[o, n, i] = source[o, 0, i] (+) ... (+) source[o, n, i], EXCLUSIVE without the last, REVERSE from the other end.
//
// Source, target: [outer, extent, inner].
// Parameters: items: invocations (WIDE = 0) or rows (WIDE = 1); extent; inner: elements behind the axis, groups of four of them with VECTORS.
// Specialization constants: PRODUCT, EXCLUSIVE, REVERSE; WIDE = 0: an invocation goes along one row, or along four neighbours with VECTORS = 1
// (inner a multiple of 4); WIDE = 1: a workgroup does a row, 256 elements at a time. The order depends on the sizes only.
// Cost: 4 bytes read and written and one operation per element (about eight with WIDE).
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VECTORS = 0;
layout(constant_id = 1) const int WIDE = 0;
layout(constant_id = 2) const int PRODUCT = 0;
layout(constant_id = 3) const int EXCLUSIVE = 0;
layout(constant_id = 4) const int REVERSE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items;
    int extent;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);

#ifdef INTEGER
#define VALUE ivec4
#define NUMBER int
#define TO_VALUE(loaded) floatBitsToInt(loaded)
#define FROM_VALUE(value) intBitsToFloat(value)
#else
#define VALUE vec4
#define NUMBER float
#define TO_VALUE(loaded) (loaded)
#define FROM_VALUE(value) (value)
#endif

shared NUMBER laneTotals[64];

VALUE join(VALUE a, VALUE b) { return PRODUCT != 0 ? a * b : a + b; }

NUMBER join(NUMBER a, NUMBER b) { return PRODUCT != 0 ? a * b : a + b; }

// Number of a row's element n in the direction in which it is gone through.
int elementOf(ivec2 row, int n) { return (row.x * p.extent + (REVERSE != 0 ? p.extent - 1 - n : n)) * p.inner + row.y; }

void main()
{
    NUMBER nothing = NUMBER(PRODUCT);
    if (WIDE == 0)
    {
        int item = flatInvocation();
        if (item >= p.items) return;
        ivec2 row = divide(item, p.inner);
        VALUE total = VALUE(nothing);
        for (int n = 0; n < p.extent; n++)
        {
            int element = elementOf(row, n);
            VALUE next = join(total, TO_VALUE(VECTORS != 0 ? LOAD4(source, element) : vec4(LOAD1(source, element))));
            vec4 value = FROM_VALUE((EXCLUSIVE != 0 ? total : next));
            if (VECTORS != 0) target[element] = value;
            else STORE1(target, element, value.x);
            total = next;
        }
        return;
    }
    int number = flatWorkgroup();
    bool exists = number < p.items;
    ivec2 row = divide(min(number, p.items - 1), p.inner);
    int own = int(gl_LocalInvocationID.x);
    NUMBER before = nothing;
    for (int block = 0; block < p.extent; block += 256)
    {
        int first = block + 4 * own;
        VALUE x = VALUE(nothing);
        for (int k = 0; k < 4; k++)
            if (first + k < p.extent) x[k] = TO_VALUE(LOAD1(source, elementOf(row, first + k)));
        VALUE sums;
        sums.x = x.x;
        sums.y = join(sums.x, x.y);
        sums.z = join(sums.y, x.z);
        sums.w = join(sums.z, x.w);
        // Running totals over the lanes (Hillis, Steele 1986).
        NUMBER total = sums.w;
        laneTotals[own] = total;
        for (int reach = 1; reach < 64; reach *= 2)
        {
            barrier();
            NUMBER other = own >= reach ? laneTotals[own - reach] : nothing;
            barrier();
            total = join(other, total);
            laneTotals[own] = total;
        }
        barrier();
        NUMBER ahead = own > 0 ? join(before, laneTotals[own - 1]) : before;
        before = join(before, laneTotals[63]);
        barrier();
        if (!exists) continue;
        for (int k = 0; k < 4; k++)
        {
            if (first + k >= p.extent) continue;
            NUMBER value = EXCLUSIVE == 0 ? join(ahead, sums[k]) : k == 0 ? ahead : join(ahead, sums[max(k - 1, 0)]);
            STORE1(target, elementOf(row, first + k), FROM_VALUE(value));
        }
    }
}
