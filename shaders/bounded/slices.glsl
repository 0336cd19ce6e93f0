#ifndef VKNET_SLICES
#define VKNET_SLICES
// Comparing slices of a tensor [outer, items, inner] across its middle axis, element by element in row-major order. The includer declares
// the specialization constant WHOLE, a parameter block p with outer, items and inner, and the tensor source.

// A number whose order as a whole number is that of the element: -0 equals 0, NaN equals itself and comes last.
int keyOf(float element)
{
    int bits = floatBitsToInt(element);
    if (WHOLE != 0) return bits;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return 0x7FC00000;
    return bits < 0 ? -magnitude : magnitude;
}

// -1, 0 or 1 as slice a comes before slice b, equals it or comes behind.
int compareSlices(int a, int b)
{
    for (int o = 0; o < p.outer; o++)
        for (int i = 0; i < p.inner; i++)
        {
            int x = keyOf(LOAD1(source, (o * p.items + a) * p.inner + i));
            int y = keyOf(LOAD1(source, (o * p.items + b) * p.inner + i));
            if (x != y) return x < y ? -1 : 1;
        }
    return 0;
}

#endif
