#include "mapping/fml/transform_names.h"

namespace heyi::mapping {
namespace {

constexpr std::pair<std::string_view, FmlTransform> kTransforms[] = {
    {"create", FmlTransform::kCreate},         {"copy", FmlTransform::kCopy},
    {"truncate", FmlTransform::kTruncate},     {"escape", FmlTransform::kEscape},
    {"cast", FmlTransform::kCast},             {"append", FmlTransform::kAppend},
    {"translate", FmlTransform::kTranslate},   {"reference", FmlTransform::kReference},
    {"pointer", FmlTransform::kPointer},       {"dateOp", FmlTransform::kDateOp},
    {"toDate", FmlTransform::kToDate},         {"toDateTime", FmlTransform::kToDateTime},
    {"toTime", FmlTransform::kToTime},         {"unixToDate", FmlTransform::kUnixToDate},
    {"unixToDateTime", FmlTransform::kUnixToDateTime}, {"unixToTime", FmlTransform::kUnixToTime},
    {"uuid", FmlTransform::kUuid},             {"evaluate", FmlTransform::kEvaluate},
    {"cc", FmlTransform::kCc},                 {"c", FmlTransform::kC},
    {"qty", FmlTransform::kQty},               {"id", FmlTransform::kId},
    {"cp", FmlTransform::kCp}};

}  // namespace

FmlTransform TransformNamed(std::string_view name) {
  for (const auto& [known, transform] : kTransforms) {
    if (known == name) return transform;
  }
  return FmlTransform::kNone;
}

std::pair<size_t, size_t> ArgumentsOf(FmlTransform transform) {
  switch (transform) {
    case FmlTransform::kNone: case FmlTransform::kUuid: return {0, 0};
    case FmlTransform::kCreate: return {0, 1};
    case FmlTransform::kCopy: case FmlTransform::kReference: case FmlTransform::kPointer: return {1, 1};
    case FmlTransform::kTruncate: return {2, 2};
    case FmlTransform::kEscape: return {3, 3};
    case FmlTransform::kCast: return {1, 2};
    case FmlTransform::kAppend: return {1, 64};
    case FmlTransform::kTranslate: return {2, 3};
    case FmlTransform::kDateOp: return {1, 3};
    case FmlTransform::kToDate: case FmlTransform::kToDateTime: case FmlTransform::kToTime: case FmlTransform::kUnixToDate:
    case FmlTransform::kUnixToDateTime: case FmlTransform::kUnixToTime: case FmlTransform::kEvaluate: return {1, 2};
    case FmlTransform::kCc: return {1, 3};
    case FmlTransform::kC: return {2, 3};
    case FmlTransform::kQty: return {1, 4};
    case FmlTransform::kId: return {2, 3};
    case FmlTransform::kCp: return {1, 2};
  }
  return {0, 0};
}

}  // namespace heyi::mapping
