#ifndef VKNET_POOLING_WINDOWS
#define VKNET_POOLING_WINDOWS
// Sliding windows over up to three spatial axes, shared by the pooling kernels.
//
// Tensors are dense [N, C, D, H, W], or channels-last [N, D, H, W, quads] with four channels to a quad (CHANNELS_LAST = 1).
// One invocation works on four numbers of its result: four channels of one position when channels-last, else up to four
// neighbours along W of one row, of which the last row's invocation may have fewer.
//
// The window of output o starts at o * stride - padBegin and takes every dilation-th element, kernel of them; with
// ADAPTIVE = 1 it covers floor(o * input / output) up to, but not including, ceil((o + 1) * input / output), and kernel is the
// largest number of elements that any window has.
#include "pooling/kinds.glsl"
#include "common/indexing.glsl"

layout(constant_id = 0) const int CHANNELS_LAST = 0;
layout(constant_id = 1) const int ADAPTIVE = 0;
layout(constant_id = 2) const int KIND = 0; // POOL_...
layout(constant_id = 3) const int COUNT_PADDING = 0; // averages divide by the taps inside the padded input, not inside the input

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // invocations that do something
    int channels; // C
    float exponent; // p of POOL_NORM_P
    int inputDepth;
    int inputHeight;
    int inputWidth;
    int outputDepth;
    int outputHeight;
    int outputWidth;
    int kernelDepth;
    int kernelHeight;
    int kernelWidth;
    int strideDepth;
    int strideHeight;
    int strideWidth;
    int dilationDepth;
    int dilationHeight;
    int dilationWidth;
    int padBeginDepth;
    int padBeginHeight;
    int padBeginWidth;
    int padEndDepth;
    int padEndHeight;
    int padEndWidth;
    vec4 stepScalars[4];
} p;

// One spatial axis.
struct Axis
{
    int inputSize;
    int outputSize;
    int taps;
    int stride;
    int dilation;
    int padBegin;
    int padEnd;
};

Axis depthAxis() { return Axis(p.inputDepth, p.outputDepth, p.kernelDepth, p.strideDepth, p.dilationDepth, p.padBeginDepth, p.padEndDepth); }
Axis heightAxis() { return Axis(p.inputHeight, p.outputHeight, p.kernelHeight, p.strideHeight, p.dilationHeight, p.padBeginHeight, p.padEndHeight); }
Axis widthAxis() { return Axis(p.inputWidth, p.outputWidth, p.kernelWidth, p.strideWidth, p.dilationWidth, p.padBeginWidth, p.padEndWidth); }

// Position of the first tap of window o.
int windowStart(Axis a, int o) { return ADAPTIVE != 0 ? o * a.inputSize / a.outputSize : o * a.stride - a.padBegin; }

// Taps of window o at or beyond this position lie outside the input (or outside an adaptive window).
int windowEnd(Axis a, int o) { return ADAPTIVE != 0 ? ((o + 1) * a.inputSize + a.outputSize - 1) / a.outputSize : a.inputSize; }

// Taps t of window o with 0 <= position < limit, for positions that start at or above -padBegin.
int tapsBelow(Axis a, int start, int limit) { return clamp((limit - start + a.dilation - 1) / a.dilation, 0, a.taps); }

// How many taps of window o an average divides by, along one axis.
int countedTaps(Axis a, int o)
{
    int start = windowStart(a, o);
    if (ADAPTIVE != 0) return windowEnd(a, o) - start;
    if (COUNT_PADDING != 0) return tapsBelow(a, start, a.inputSize + a.padEnd);
    return tapsBelow(a, start, a.inputSize) - (start < 0 ? tapsBelow(a, start, 0) : 0);
}

// Where one invocation works: a place in a tensor of the given sizes.
struct Place
{
    int image; // n when channels-last, else n * C + c
    int quad; // channels / 4 when channels-last, else 0
    int d;
    int h;
    int w; // of the first of the four
    int count; // how many of the four exist
};

int quads() { return (p.channels + 3) >> 2; }

Place placeOf(int item, int depth, int height, int width)
{
    Place place;
    int columns = CHANNELS_LAST != 0 ? width : (width + 3) >> 2;
    place.quad = 0;
    if (CHANNELS_LAST != 0)
    {
        ivec2 quad = divide(item, quads());
        place.quad = quad.y;
        item = quad.x;
    }
    ivec2 column = divide(item, columns);
    ivec2 line = divide(column.x, height);
    ivec2 plane = divide(line.x, depth);
    place.w = column.y;
    place.h = line.y;
    place.d = plane.y;
    place.image = plane.x;
    if (CHANNELS_LAST != 0) place.count = min(4, p.channels - 4 * place.quad);
    else
    {
        place.w *= 4;
        place.count = min(4, width - place.w);
    }
    return place;
}

// The place's first element, as numbered in the tensor's physical layout.
int elementOf(Place place, int depth, int height, int width)
{
    int position = ((place.image * depth + place.d) * height + place.h) * width + place.w;
    return CHANNELS_LAST != 0 ? (position * quads() + place.quad) * 4 : position;
}

// The place's positions along W: all the same when channels-last.
ivec4 columnsOf(Place place) { return CHANNELS_LAST != 0 ? ivec4(place.w) : place.w + ivec4(0, 1, 2, 3); }

// Four elements of a tensor at (d, h, x[i]) of the place's image and quad. Positions must exist.
#define FETCH(name, place_, depth_, height_, width_, d_, h_, x_) \
    (CHANNELS_LAST != 0 \
        ? LOAD4(name, ((((place_).image * (depth_) + (d_)) * (height_) + (h_)) * (width_) + (x_).x) * quads() + (place_).quad) \
        : vec4(LOAD1(name, (((place_).image * (depth_) + (d_)) * (height_) + (h_)) * (width_) + (x_).x), \
               LOAD1(name, (((place_).image * (depth_) + (d_)) * (height_) + (h_)) * (width_) + (x_).y), \
               LOAD1(name, (((place_).image * (depth_) + (d_)) * (height_) + (h_)) * (width_) + (x_).z), \
               LOAD1(name, (((place_).image * (depth_) + (d_)) * (height_) + (h_)) * (width_) + (x_).w)))

#endif
