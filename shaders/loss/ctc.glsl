#ifndef VKNET_CTC
#define VKNET_CTC
// What the kernels of connectionist temporal classification share; see loss/ctc_paths.comp.

layout(constant_id = 0) const int HAS_STEPS = 0;
layout(constant_id = 1) const int HAS_LABELS = 0;

// Steps and labels that a batch entry has, limited to what there is.
#define STEPS_OF(counts, entry) (HAS_STEPS != 0 ? clamp(floatBitsToInt(LOAD1(counts, entry)), 0, p.steps) : p.steps)
#define LABELS_OF(counts, entry) (HAS_LABELS != 0 ? clamp(floatBitsToInt(LOAD1(counts, entry)), 0, p.mostLabels) : p.mostLabels)

// The class of a state: a label at odd numbers, the blank at even ones. Labels are limited to the classes.
#define LABEL_OF(labels, entry, state) \
    (((state) & 1) == 0 ? p.blank : clamp(floatBitsToInt(LOAD1(labels, (entry) * p.mostLabels + ((state) >> 1))), 0, p.classes - 1))

// log(e^x + e^y + e^z + e^w)
float logarithmOfSum(vec4 x)
{
    float largest = max(max(x.x, x.y), max(x.z, x.w));
    if (largest == -INFINITY) return largest;
    vec4 terms = exponential(x - largest);
    return largest + logarithm(vec4((terms.x + terms.y) + (terms.z + terms.w))).x;
}

#endif
