#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of pooling by sliding windows in its input: every input element gathers from the windows that cover it.
//
// Upstream [N, C, D', H', W'] (and Source [N, C, D, H, W] for POOL_MAXIMUM) -> Result [N, C, D, H, W], all dense or all
// channels-last. POOL_AVERAGE divides by the counted taps, POOL_SUM does not, POOL_MAXIMUM passes a window's gradient to its
// first largest element (a NaN counts as larger than anything), which it finds by reading the window again.
// Cost: a load per covering window, for POOL_MAXIMUM one more per tap of it.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

#include "pooling/windows.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

layout(constant_id = 113) const bool ALIGNED = false; // every row of four exists and begins at a multiple of four

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Upstream, upstream);
OUTPUT_TENSOR(3, Result, result);

// First and last window that cover position x (dilated ones perhaps not by a tap).
int firstWindow(Axis a, int x)
{
    if (ADAPTIVE != 0) return x * a.outputSize / a.inputSize;
    int beyond = x + a.padBegin - (a.taps - 1) * a.dilation;
    return beyond <= 0 ? 0 : (beyond + a.stride - 1) / a.stride;
}

int lastWindow(Axis a, int x)
{
    if (ADAPTIVE != 0) return ((x + 1) * a.outputSize + a.inputSize - 1) / a.inputSize - 1;
    return min((x + a.padBegin) / a.stride, a.outputSize - 1);
}

// Whether a tap of window o is at x.
bool covers(Axis a, int o, int x)
{
    int distance = x - windowStart(a, o);
    return o < a.outputSize && distance >= 0 && (ADAPTIVE != 0 ? x < windowEnd(a, o) : distance % a.dilation == 0 && distance / a.dilation < a.taps);
}

// Whether the elements at (d, h, x) are the first largest of windows (od, oh, ow).
bvec4 isFirstLargest(Place place, vec4 value, int d, int h, ivec4 x, int od, int oh, ivec4 ow)
{
    Axis width = widthAxis();
    bvec4 first = bvec4(true);
    ivec4 start = ivec4(windowStart(width, ow.x), windowStart(width, ow.y), windowStart(width, ow.z), windowStart(width, ow.w));
    ivec4 end = ivec4(windowEnd(width, ow.x), windowEnd(width, ow.y), windowEnd(width, ow.z), windowEnd(width, ow.w));
    int startDepth = windowStart(depthAxis(), od);
    int endDepth = windowEnd(depthAxis(), od);
    int startHeight = windowStart(heightAxis(), oh);
    int endHeight = windowEnd(heightAxis(), oh);
    for (int kd = 0; kd < p.kernelDepth; kd++)
    {
        int z = startDepth + kd * p.dilationDepth;
        if (z < 0 || z >= endDepth) continue;
        for (int kh = 0; kh < p.kernelHeight; kh++)
        {
            int y = startHeight + kh * p.dilationHeight;
            if (y < 0 || y >= endHeight) continue;
            bool before = z < d || (z == d && y < h);
            bool sameRow = z == d && y == h;
            for (int kw = 0; kw < p.kernelWidth; kw++)
            {
                ivec4 t = start + kw * p.dilationWidth;
                uvec4 inside = uvec4(greaterThanEqual(t, ivec4(0))) & uvec4(lessThan(t, end));
                uvec4 earlier = before ? uvec4(1u) : sameRow ? uvec4(lessThan(t, x)) : uvec4(0u);
                uvec4 other = sameRow ? uvec4(notEqual(t, x)) : uvec4(1u);
                t = clamp(t, 0, p.inputWidth - 1);
                vec4 rival = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, z, y, t);
                uvec4 rivalNan = uvec4(isNan4(rival));
                uvec4 valueNan = uvec4(isNan4(value));
                // An earlier rival wins by being equal, a later one by being larger.
                uvec4 wins = (rivalNan & (earlier | (1u - valueNan))) | ((1u - rivalNan) & (1u - valueNan) & (uvec4(greaterThan(rival, value)) | (earlier & uvec4(equal(rival, value)))));
                first = bvec4(uvec4(first) & (1u - (wins & inside & other)));
            }
        }
    }
    return first;
}

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    Axis depth = depthAxis();
    Axis height = heightAxis();
    Axis width = widthAxis();
    Place place = placeOf(item, p.inputDepth, p.inputHeight, p.inputWidth);
    ivec4 x = min(columnsOf(place), p.inputWidth - 1);
    ivec4 first = ivec4(firstWindow(width, x.x), firstWindow(width, x.y), firstWindow(width, x.z), firstWindow(width, x.w));
    ivec4 last = ivec4(lastWindow(width, x.x), lastWindow(width, x.y), lastWindow(width, x.z), lastWindow(width, x.w));
    int rounds = max(max(last.x - first.x, last.y - first.y), max(last.z - first.z, last.w - first.w)) + 1;
    vec4 value = vec4(0.0);
    if (KIND == POOL_MAXIMUM) value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, place.d, place.h, x);

    vec4 total = vec4(0.0);
    int lastDepth = lastWindow(depth, place.d);
    int lastHeight = lastWindow(height, place.h);
    for (int od = firstWindow(depth, place.d); od <= lastDepth; od++)
    {
        if (!covers(depth, od, place.d)) continue;
        for (int oh = firstWindow(height, place.h); oh <= lastHeight; oh++)
        {
            if (!covers(height, oh, place.h)) continue;
            float countedOutside = float(countedTaps(depth, od) * countedTaps(height, oh));
            for (int round = 0; round < rounds; round++)
            {
                ivec4 ow = first + round;
                bvec4 covered = bvec4(covers(width, ow.x, x.x), covers(width, ow.y, x.y), covers(width, ow.z, x.z), covers(width, ow.w, x.w));
                ow = clamp(ow, 0, p.outputWidth - 1);
                vec4 gradient = FETCH(upstream, place, p.outputDepth, p.outputHeight, p.outputWidth, od, oh, ow);
                if (KIND == POOL_AVERAGE)
                {
                    vec4 counted = vec4(countedTaps(width, ow.x), countedTaps(width, ow.y), countedTaps(width, ow.z), countedTaps(width, ow.w));
                    gradient /= max(counted * countedOutside, vec4(1.0));
                }
                if (KIND == POOL_MAXIMUM) covered = bvec4(uvec4(covered) & uvec4(isFirstLargest(place, value, place.d, place.h, x, od, oh, ow)));
                total += choose(covered, gradient, vec4(0.0));
            }
        }
    }
    int element = elementOf(place, p.inputDepth, p.inputHeight, p.inputWidth);
    if (ALIGNED) result[element >> 2] = total;
    else for (int i = 0; i < 4; i++) if (i < place.count) STORE1(result, element + i, total[i]);
}
