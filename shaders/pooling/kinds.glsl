#ifndef VKNET_POOLING_KINDS
#define VKNET_POOLING_KINDS

//!constants PoolingKind What a pooling kernel makes of a window.
#define POOL_MAXIMUM 0 // the largest element; NaN if there is one
#define POOL_AVERAGE 1 // the mean
#define POOL_SUM 2 // the sum
#define POOL_NORM_1 3 // the sum of absolute values
#define POOL_NORM_2 4 // the square root of the sum of squares
#define POOL_NORM_P 5 // (sum of |x|^p)^(1/p)
//!end

#endif
