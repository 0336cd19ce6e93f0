#ifndef VKNET_LOSS_CLASS_KINDS
#define VKNET_LOSS_CLASS_KINDS

//!constants ClassMeasure What is measured of a row of class scores x whose label is y.
#define MEASURE_CROSS_ENTROPY 0 // -log softmax(x)[y]
#define MEASURE_NEGATIVE 1 // -x[y]: x are log-probabilities
#define MEASURE_HINGE 2 // sum over j other than y of max(0, x[j] - x[y] + margin)
#define MEASURE_SQUARED_HINGE 3 // sum over j other than y of max(0, x[j] - x[y] + margin)^2
#define MEASURE_CORRECT 4 // 1 where fewer than top elements are larger than x[y] (or equal and in front of it), else 0
#define MEASURE_WEIGHT 5 // 1: adds up the weights of the labels
#define MEASURE_SOFT 6 // -(sum over j of t[j] log softmax(x)[j]): a row of targets t takes the place of the label
//!end

//!constants ClassReduction What is made of the rows' measures.
#define REDUCE_NONE 0 // nothing: one result per row
#define REDUCE_SUM 1 // their sum
#define REDUCE_MEAN 2 // their sum divided by the sum of their weights
//!end

layout(constant_id = 2) const int MEASURE = 0;

#define NOT_A_NUMBER uintBitsToFloat(0x7FC00000u)

// The labels of a unit's rows: as they are (number), limited to the classes that exist (index), and what is known of them.
struct RowLabels
{
    ivec4 index;
    bvec4 ignored;
    bvec4 exist;
};

RowLabels labelsOf(ivec4 number, int extent, int ignoredNumber)
{
    bvec4 ignored = p.ignores != 0 ? equal(number, ivec4(ignoredNumber)) : bvec4(false);
    ivec4 index = clamp(number, ivec4(0), ivec4(extent - 1));
    return RowLabels(index, ignored, equal(number, index));
}

// What stands for the labels where there are none.
RowLabels noLabels() { return RowLabels(ivec4(0), bvec4(false), bvec4(true)); }

// Number of the element of row k (0 ... 3) of a unit that stands at an index of the row.
int elementAt(Unit unit, int k, int index) { return VECTOR == 2 ? 4 * (unit.start + index * unit.stride) + k : unit.start + index * unit.stride; }

// Four numbers, one for each row of a unit: a row's own tensor has one element per row.
#define LOAD_ROWS(name, number) (VECTOR == 2 ? LOAD4(name, number) : vec4(LOAD1(name, number)))

#define LOAD_AT_LABELS(name, unit, index) \
    (VECTOR == 2 ? vec4(LOAD1(name, elementAt(unit, 0, index.x)), LOAD1(name, elementAt(unit, 1, index.y)), LOAD1(name, elementAt(unit, 2, index.z)), LOAD1(name, elementAt(unit, 3, index.w))) \
        : vec4(LOAD1(name, elementAt(unit, 0, index.x))))

#define LOAD_WEIGHTS(name, index) \
    (p.weighted == 0 ? vec4(1.0) \
        : VECTOR == 2 ? vec4(LOAD1(name, index.x), LOAD1(name, index.y), LOAD1(name, index.z), LOAD1(name, index.w)) \
        : vec4(LOAD1(name, index.x)))

// max(0, x), NaN for NaN.
vec4 positivePart(vec4 x) { return choose(isNan4(x), x, max(x, vec4(0.0))); }

#endif
