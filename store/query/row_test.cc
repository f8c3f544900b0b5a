#include "store/query/row_test.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"
#include "store/query/stretches.h"

namespace heyi::store {
namespace {

constexpr size_t kTokenBytes = 12;
constexpr size_t kHashBytes = 8;
constexpr size_t kRangeBytes = 17;  // of dates and doubles

RowTest DateTest(const fhir::SearchParameter& parameter, const fhir::CriterionValue& wanted) {
  return [&parameter, &wanted](std::string_view value) {
    return value.size() >= kRangeBytes && fhir::ValueMatches(parameter, {}, wanted, DateOfPosting(value));
  };
}

RowTest StringTest(std::string_view modifier, std::string folded, bool* exact) {
  if (modifier == "exact") *exact = false;  // case and accents are folded away here
  if (modifier.empty() && folded.size() > kStringBytesMax) *exact = false;
  if (modifier != "contains") return [](std::string_view) { return true; };  // the stretch is all there is to it
  return [exact, folded = std::move(folded)](std::string_view value) {
    value.remove_suffix(1);
    if (value.find(folded) != std::string_view::npos) return true;
    if (value.size() < kStringBytesMax) return false;
    *exact = false;  // cut: what is wanted may stand in the rest
    return true;
  };
}

RowTest TokenTest(const fhir::CriterionValue& wanted) {
  const auto& token = std::get<fhir::TokenValue>(wanted.value);
  return [code = base::Hash64(token.code), system = SystemHash(token.system), any_code = wanted.any_code,
          any_system = wanted.any_system](std::string_view value) {
    if (value.size() < kTokenBytes) return false;
    return (any_code || base::BigAt<uint64_t>(value) == code) && (any_system || base::BigAt<uint32_t>(value,
                                                                                                      8) == system);
  };
}

RowTest ReferenceTest(const fhir::SearchParameter& parameter, const fhir::CriterionValue& wanted, bool* exact) {
  const auto& reference = std::get<fhir::ReferenceValue>(wanted.value);
  if (!reference.version.empty()) *exact = false;
  std::vector<std::string> types = {reference.type};
  if (reference.type.empty() && base::IsFhirId(reference.id)) {
    if (parameter.targets.empty()) {
      *exact = false;
      return [](std::string_view value) { return value.size() >= kHashBytes; };
    }
    types.insert(types.end(), parameter.targets.begin(), parameter.targets.end());
  }
  std::vector<uint64_t> hashes;
  for (const std::string& type : types) {
    std::string bytes;
    PutReference(bytes, type, reference.id);
    hashes.push_back(base::BigAt<uint64_t>(bytes));
  }
  return [hashes = std::move(hashes)](std::string_view value) {
    return value.size() >= kHashBytes && std::find(hashes.begin(), hashes.end(),
                                                   base::BigAt<uint64_t>(value)) != hashes.end();
  };
}

// Rows of numbers have their candidates found here; units, and decimals that share a double, are for the bodies.
RowTest NumberTest(const fhir::CriterionValue& wanted, bool* exact) {
  *exact = false;
  return [low = OrderedDouble(NumberBoundsOf(wanted).low)](std::string_view value) {
    return value.size() >= kRangeBytes && base::BigAt<uint64_t>(value, 9) >= low;
  };
}

RowTest TestOfValue(const fhir::SearchParameter& parameter, std::string_view modifier,
                    const fhir::CriterionValue& wanted, bool* exact) {
  if (std::holds_alternative<fhir::DateValue>(wanted.value)) return DateTest(parameter, wanted);
  if (const auto* text = std::get_if<fhir::StringValue>(&wanted.value)) {
    return StringTest(modifier, base::FoldForSearch(text->text), exact);
  }
  if (std::holds_alternative<fhir::TokenValue>(wanted.value)) return TokenTest(wanted);
  if (std::holds_alternative<fhir::ReferenceValue>(wanted.value)) return ReferenceTest(parameter, wanted, exact);
  if (const auto* uri = std::get_if<fhir::UriValue>(&wanted.value)) {
    return [hash = base::Hash64(uri->uri)](std::string_view value) {
      return value.size() >= kHashBytes && base::BigAt<uint64_t>(value) == hash;
    };
  }
  return NumberTest(wanted, exact);
}

// Both parts, the second behind the first. A text as the second part is matched here too, for where only the code of
// the first is known the stretch says nothing about it.
RowTest CompositeTest(const fhir::SearchParameter& parameter, const fhir::CriterionValue& wanted, bool* exact) {
  if (wanted.parts.size() > 2) *exact = false;
  const fhir::CriterionValue& second = wanted.parts[1];
  const size_t width = std::holds_alternative<fhir::TokenValue>(wanted.parts[0].value) ? kTokenBytes : kHashBytes;
  RowTest first_test = TestOfValue(*parameter.components[0].parameter, {}, wanted.parts[0], exact);
  RowTest second_test;
  if (const auto* text = std::get_if<fhir::StringValue>(&second.value)) {
    std::string folded = base::FoldForSearch(text->text);
    if (folded.size() > kStringBytesMax) *exact = false;
    folded = folded.substr(0, kStringBytesMax);
    second_test = [folded = std::move(folded)](std::string_view value) { return value.starts_with(folded); };
  } else {
    second_test = TestOfValue(*parameter.components[1].parameter, {}, second, exact);
  }
  return [width, first_test = std::move(first_test), second_test = std::move(second_test)](std::string_view value) {
    return value.size() >= width && first_test(value) && second_test(value.substr(width));
  };
}

}  // namespace

RowTest RowTestOf(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted, bool* exact) {
  if (IsLastUpdated(criterion)) {
    return [&criterion, &wanted](std::string_view value) {
      const base::TimeMs time_ms = TimeOfOrdered(base::BigAt<uint64_t>(value));
      return fhir::ValueMatches(*criterion.parameter, {}, wanted, fhir::DateValue{time_ms, time_ms + 1});
    };
  }
  if (!wanted.parts.empty()) return CompositeTest(*criterion.parameter, wanted, exact);
  return TestOfValue(*criterion.parameter, criterion.modifier, wanted, exact);
}

}  // namespace heyi::store
