#ifndef VKNET_SCATTER_COMBINE
#define VKNET_SCATTER_COMBINE

//!constants ScatterCombine What an update does to the element that it meets.
#define SCATTER_REPLACE 0 // it takes its place
#define SCATTER_ADD 1 // it is added
#define SCATTER_MULTIPLY 2 // it is multiplied
#define SCATTER_MAXIMUM 3 // the larger one stays; NaN if either is
#define SCATTER_MINIMUM 4 // the smaller one stays; NaN if either is
//!end

#endif
