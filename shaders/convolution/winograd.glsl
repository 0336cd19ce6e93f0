#ifndef VKNET_CONVOLUTION_WINOGRAD
#define VKNET_CONVOLUTION_WINOGRAD
// Winograd's minimal filtering F(TILE x TILE, 3 x 3) for convolutions of stride 1 (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", 2016): tiles of EDGE x EDGE inputs, EDGE = TILE + 2, and the filters are brought into a space in which convolving is multiplying:
//     tile of outputs = A' ((G filter G') * (B' inputs B)) A, where * multiplies element by element and sums over channels,
// that is, EDGE^2 matrix products. With TILE = 4 they take a quarter of the multiplications of the convolution, with TILE = 2 four ninths.
// The matrices are those of Toom and Cook's construction at the points 0, +-3/4, +-3/2, infinity (TILE = 4) or 0, +-1, infinity (TILE = 2).
// The points of TILE = 4 are not the customary 0, +-1, +-2: all numbers in B and A are just as exact, and errors are a third as large.

const int EDGE = TILE + 2;

// b = B' a along one axis of the inputs: a[start + i step] for i = 0 ... EDGE - 1, in place.
#if TILE == 4
#define TRANSFORM_INPUT(a, start, step) \
    { \
        vec4 d0 = a[start], d1 = a[start + step], d2 = a[start + 2 * step], d3 = a[start + 3 * step], d4 = a[start + 4 * step], d5 = a[start + 5 * step]; \
        vec4 even = d4 - 2.25 * d2; \
        vec4 odd = 0.75 * (d3 - 2.25 * d1); \
        vec4 evenFar = d4 - 0.5625 * d2; \
        vec4 oddFar = 1.5 * (d3 - 0.5625 * d1); \
        a[start] = 1.265625 * d0 - 2.8125 * d2 + d4; \
        a[start + step] = even + odd; \
        a[start + 2 * step] = even - odd; \
        a[start + 3 * step] = evenFar + oddFar; \
        a[start + 4 * step] = evenFar - oddFar; \
        a[start + 5 * step] = 1.265625 * d1 - 2.8125 * d3 + d5; \
    }
#else
#define TRANSFORM_INPUT(a, start, step) \
    { \
        vec4 d0 = a[start], d1 = a[start + step], d2 = a[start + 2 * step], d3 = a[start + 3 * step]; \
        a[start] = d0 - d2; \
        a[start + step] = d2 + d1; \
        a[start + 2 * step] = d2 - d1; \
        a[start + 3 * step] = d3 - d1; \
    }
#endif

// A' a along one axis: EDGE numbers become TILE, in place.
#if TILE == 4
#define TRANSFORM_OUTPUT(a, start, step) \
    { \
        vec4 sum = a[start + step] + a[start + 2 * step]; \
        vec4 difference = a[start + step] - a[start + 2 * step]; \
        vec4 sumFar = a[start + 3 * step] + a[start + 4 * step]; \
        vec4 differenceFar = a[start + 3 * step] - a[start + 4 * step]; \
        a[start] = a[start] + sum + sumFar; \
        a[start + step] = 0.75 * difference + 1.5 * differenceFar; \
        a[start + 2 * step] = 0.5625 * sum + 2.25 * sumFar; \
        a[start + 3 * step] = 0.421875 * difference + 3.375 * differenceFar + a[start + 5 * step]; \
    }
#else
#define TRANSFORM_OUTPUT(a, start, step) \
    { \
        vec4 sum = a[start + step] + a[start + 2 * step]; \
        vec4 difference = a[start + step] - a[start + 2 * step]; \
        a[start] = a[start] + sum; \
        a[start + step] = difference + a[start + 3 * step]; \
    }
#endif

// G w along one axis of a filter: three numbers w0, w1, w2 become EDGE, stored at a[start + i step].
#if TILE == 4
#define TRANSFORM_FILTER(a, start, step, w0, w1, w2) \
    { \
        vec4 near = w0 + 0.5625 * w2; \
        vec4 far = w0 + 2.25 * w2; \
        a[start] = w0 / 1.265625; \
        a[start + step] = (near + 0.75 * w1) / -1.8984375; \
        a[start + 2 * step] = (near - 0.75 * w1) / -1.8984375; \
        a[start + 3 * step] = (far + 1.5 * w1) / 7.59375; \
        a[start + 4 * step] = (far - 1.5 * w1) / 7.59375; \
        a[start + 5 * step] = w2; \
    }
#else
#define TRANSFORM_FILTER(a, start, step, w0, w1, w2) \
    { \
        vec4 outer = w0 + w2; \
        a[start] = w0; \
        a[start + step] = 0.5 * (outer + w1); \
        a[start + 2 * step] = 0.5 * (outer - w1); \
        a[start + 3 * step] = w2; \
    }
#endif

#endif
