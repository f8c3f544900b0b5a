#include "conformance/validate/codes.h"

#include <algorithm>

#include "conformance/validate/context.h"

namespace heyi::conformance {

using fhir::PathValue;

void CheckLength(const PathValue& item, uint32_t characters, Session& session) {
  const std::string_view text = item.text();
  const auto count = std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  if (static_cast<uint64_t>(count) > characters) session.Report("conformance.max-length", item, std::to_string(characters));
}

void CheckBinding(const PathValue&, const fhir::Binding&, Session&) {}
void CheckCoding(const PathValue&, Session&) {}
std::optional<bool> ValidationContext::MemberOf(fhir::Node, std::string_view) const { return std::nullopt; }

}  // namespace heyi::conformance
