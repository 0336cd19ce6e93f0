#ifndef VKNET_GRID
#define VKNET_GRID
// Where a sampling grid reads an axis: the same as VkNet.Operators.Resampling.GridSampling.
// The includer declares the specialization constants VOLUME, MODE, PADDING and ALIGN_CORNERS.

#define MODE_LINEAR 0
#define MODE_NEAREST 1
#define MODE_CUBIC 2
#define PADDING_ZEROS 0
#define PADDING_BORDER 1
#define PADDING_REFLECTION 2

// Elements read along an axis, as an expression of specialization constants.
#define TAPS (MODE == MODE_NEAREST ? 1 : MODE == MODE_LINEAR ? 2 : 4)

// Up to four elements along an axis; a place of -1 stands for a zero.
struct AxisTaps
{
    ivec4 place;
    vec4 weight;
    vec4 slope; // of the weight, in the grid's coordinate
};

// x brought into low ... high by mirrors at both ends; slope changes its sign with every mirror.
float reflected(float x, float low, float high, inout float slope)
{
    float range = high - low;
    float beyond = x < low ? low - x : max(x - high, 0.0);
    if (beyond == 0.0) return x;
    if (range <= 0.0)
    {
        slope = 0.0;
        return low;
    }
    float turns = floor(beyond / range);
    float rest = beyond - turns * range;
    bool returns = turns - 2.0 * floor(0.5 * turns) == 0.0;
    if (returns) slope = -slope;
    return returns == (x < low) ? low + rest : high - rest;
}

// Keys's cubic kernel with a = -0.75 and its derivative, at a distance of 0 ... 2.
float cubicWeight(float x) { return x <= 1.0 ? (1.25 * x - 2.25) * x * x + 1.0 : ((-0.75 * x + 3.75) * x - 6.0) * x + 3.0; }
float cubicSlope(float x) { return x <= 1.0 ? (3.75 * x - 4.5) * x : (-2.25 * x + 7.5) * x - 6.0; }

AxisTaps tapsAlong(float coordinate, int size)
{
    float extent = float(size);
    float low = ALIGN_CORNERS != 0 ? 0.0 : -0.5;
    float high = ALIGN_CORNERS != 0 ? extent - 1.0 : extent - 0.5;
    float slope = 0.5 * (high - low);
    precise float x = ALIGN_CORNERS != 0 ? (coordinate + 1.0) * 0.5 * (extent - 1.0) : ((coordinate + 1.0) * extent - 1.0) * 0.5;
    // What is not a number is as far outside as can be.
    uint bits = floatBitsToUint(x) & 0x7FFFFFFFu;
    x = bits > 0x7F800000u ? -16777216.0 : clamp(x, -16777216.0, 16777216.0);
    if (MODE == MODE_NEAREST) x = roundEven(x);
    if (x < low || x > high)
    {
        if (PADDING == PADDING_BORDER)
        {
            x = clamp(x, 0.0, extent - 1.0);
            slope = 0.0;
        }
        if (PADDING == PADDING_REFLECTION) x = reflected(x, low, high, slope);
    }
    int first = int(floor(x));
    float r = x - floor(x);
    AxisTaps taps = AxisTaps(ivec4(-1), vec4(0.0), vec4(0.0));
    if (MODE == MODE_NEAREST) taps.weight = vec4(1.0, 0.0, 0.0, 0.0);
    if (MODE == MODE_LINEAR)
    {
        taps.weight = vec4(1.0 - r, r, 0.0, 0.0);
        taps.slope = vec4(-slope, slope, 0.0, 0.0);
    }
    if (MODE == MODE_CUBIC)
    {
        first--;
        taps.weight = vec4(cubicWeight(r + 1.0), cubicWeight(r), cubicWeight(1.0 - r), cubicWeight(2.0 - r));
        taps.slope = slope * vec4(cubicSlope(r + 1.0), cubicSlope(r), -cubicSlope(1.0 - r), -cubicSlope(2.0 - r));
    }
    for (int t = 0; t < TAPS; t++)
    {
        int place = first + t;
        if (place < 0 || place >= size)
        {
            float ignored = 0.0;
            if (PADDING == PADDING_BORDER) place = clamp(place, 0, size - 1);
            else if (PADDING == PADDING_REFLECTION) place = clamp(int(reflected(float(place), low, high, ignored)), 0, size - 1);
            else place = -1;
        }
        taps.place[t] = place;
    }
    return taps;
}

// The outermost axis of a picture: one element.
AxisTaps wholeAxis() { return AxisTaps(ivec4(0, -1, -1, -1), vec4(1.0, 0.0, 0.0, 0.0), vec4(0.0)); }

#endif
