// Masks: a value that is recognisable to who knows it and tells others little.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/model/definitions.h"

namespace heyi::policy {

struct Mask {
  enum class How : unsigned char {
    kNone,
    kFirst,     // its first `count` characters, the rest as *
    kLast,      // its last `count` characters
    kHidden,    // *** whatever it was
    kYear,      // of a date: 1941
    kMonth,     // 1941-05
    kDistrict,  // of an address: up to its district (上海市静安区), nothing where none can be told
  };
  How how = How::kNone;
  unsigned count = 0;

  explicit operator bool() const { return how != How::kNone; }
  bool operator==(const Mask&) const = default;
};

// "last-4", "first-1", "hidden", "year", "month", "district".
std::optional<Mask> ParseMask(std::string_view word);

// Does what the mask makes of a value of `type` belong to that type? A code or a uri that is masked would be another one.
bool FitsType(const Mask& mask, const fhir::Type& type);

// `text` is UTF-8. Empty where nothing may be told.
std::string Masked(const Mask& mask, std::string_view text);

}  // namespace heyi::policy
