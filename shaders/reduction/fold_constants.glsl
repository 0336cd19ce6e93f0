#ifndef VKNET_FOLD_CONSTANTS
#define VKNET_FOLD_CONSTANTS

//!constants FoldMap What a reduction does to an element before taking it in.
#define MAP_NONE 0 // nothing
#define MAP_ABSOLUTE 1 // its magnitude is taken
#define MAP_SQUARE 2 // it is squared
//!end

//!constants FoldCombine How a reduction joins elements.
#define COMBINE_SUM 0 // they are added
#define COMBINE_PRODUCT 1 // they are multiplied
#define COMBINE_MAXIMUM 2 // the largest is kept; NaN if any is
#define COMBINE_MINIMUM 3 // the smallest is kept; NaN if any is
#define COMBINE_EXPONENTIALS 4 // the logarithm of the sum of their exponentials
//!end

//!constants FoldFinish What a reduction makes of its result.
#define FINISH_NONE 0 // nothing
#define FINISH_DIVIDE 1 // it is divided by the number of elements
#define FINISH_SQUARE_ROOT 2 // its square root is taken
#define FINISH_LOGARITHM 3 // its logarithm is taken
//!end

//!constants FoldProgram When a reduction runs its pointwise program.
#define PROGRAM_FIRST 0 // on every element as it is read
#define PROGRAM_LAST 1 // on the result before it is stored
//!end

#endif
