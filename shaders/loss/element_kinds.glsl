#ifndef VKNET_LOSS_ELEMENT_KINDS
#define VKNET_LOSS_ELEMENT_KINDS

//!constants ElementMeasure What is measured of an element x and its target t.
#define ELEMENT_SQUARE 0 // (x - t)^2
#define ELEMENT_ABSOLUTE 1 // |x - t|
#define ELEMENT_HUBER 2 // (x - t)^2 / 2 where |x - t| is at most alpha, else alpha (|x - t| - alpha / 2)
#define ELEMENT_LOGISTIC 3 // -alpha t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x))
#define ELEMENT_DIVERGENCE 4 // t (log(t) - x): x is a log-probability
#define ELEMENT_DIVERGENCE_OF_LOGARITHMS 5 // e^t (t - x): both are log-probabilities
//!end

#endif
