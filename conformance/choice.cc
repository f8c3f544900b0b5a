#include "conformance/choice.h"

namespace heyi::conformance {

using base::JsonValue;

const JsonValue::Member* ChosenMember(const JsonValue& object, std::string_view stem) {
  for (const JsonValue::Member& member : object.members()) {
    const bool typed = member.first.size() > stem.size() && member.first.starts_with(stem);
    if (typed && member.first[stem.size()] >= 'A' && member.first[stem.size()] <= 'Z') return &member;
  }
  return nullptr;
}

const JsonValue& ChosenJson(const JsonValue& object, std::string_view stem) {
  static const JsonValue kNone;
  const JsonValue::Member* const member = ChosenMember(object, stem);
  return member == nullptr ? kNone : member->second;
}

}  // namespace heyi::conformance
