#ifndef VKNET_NORMALIZATION_KINDS
#define VKNET_NORMALIZATION_KINDS

//!constants NormalizationKind What a group is divided by.
#define NORM_VARIANCE 0 // the root of its variance plus epsilon, after its mean is subtracted
#define NORM_MEAN_SQUARE 1 // the root of its mean square plus epsilon
#define NORM_L1 2 // the sum of absolute values; a group of zeros stays zero
#define NORM_L2 3 // the root of the sum of squares; a group of zeros stays zero
//!end

#endif
