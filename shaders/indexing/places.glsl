#ifndef VKNET_PLACES
#define VKNET_PLACES
// The one meaning of indices that come from data: negative ones count from the end of the axis, and what is outside it even so is
// limited to it. The host evaluator does the same.
int placeOnAxis(int index, int extent) { return clamp(index < 0 ? index + extent : index, 0, extent - 1); }

#endif
