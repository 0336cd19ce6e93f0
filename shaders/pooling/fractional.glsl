#ifndef VKNET_FRACTIONAL
#define VKNET_FRACTIONAL
// Where the windows of fractional pooling begin. The includer declares the parameter block p with the fields of pooling/fractional and the
// tensor samples.

// First element of window i of n along an axis of the given size: the steps between windows are whole numbers next to the ratio of the
// sizes, in an order that u in 0 ... 1 decides. The last window ends with the axis.
int windowBegin(int i, int n, int size, int window, float ratio, float u)
{
    if (i == n - 1) return size - window;
    precise float there = (float(i) + u) * ratio;
    precise float origin = u * ratio;
    return clamp(int(floor(there)) - int(floor(origin)), 0, size - window);
}

#endif
