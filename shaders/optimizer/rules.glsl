#ifndef VKNET_OPTIMIZER_RULES
#define VKNET_OPTIMIZER_RULES
// The update rules of optimizer/update.comp. x is the parameter, g its gradient, r the learning rate, t the step from 1;
// s and q are the rule's carried tensors, a, b and c its numbers.

//!constants UpdateRule How a parameter is moved along its gradient.
#define RULE_SGD 0 // x -= r g
#define RULE_MOMENTUM_VELOCITY 1 // s = a s + b g; x -= r s
#define RULE_MOMENTUM_DISPLACEMENT 2 // s = a s - r b g; x += s
#define RULE_NESTEROV_VELOCITY 3 // s = a s + b g; x -= r (g + a s)
#define RULE_NESTEROV_DISPLACEMENT 4 // s' = a s - r b g; x += (1 + a) s' - a s
#define RULE_ADAGRAD 5 // s += g g; x -= r g / (sqrt(s) + epsilon)
#define RULE_ADADELTA 6 // s = a s + (1 - a) g g; d = sqrt(q + epsilon) / sqrt(s + epsilon) g; q = a q + (1 - a) d d; x -= r d
#define RULE_RMSPROP 7 // s = a s + (1 - a) g g; x -= r g / (sqrt(s) + epsilon)
#define RULE_ADAM 8 // x -= r c x; s = a s + (1 - a) g; q = b q + (1 - b) g g; x -= r (s / (1 - a^t)) / (sqrt(q / (1 - b^t)) + epsilon)
//!end

#endif
