// Request targets and query strings, decoded strictly. https://www.rfc-editor.org/rfc/rfc3986
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace heyi::net {

inline constexpr size_t kQueryPairsMax = 10'000;

struct Target {
  std::vector<std::string> segments;  // decoded; "/" has none, and one "/" at the end adds none
  std::vector<std::pair<std::string, std::string>> query;
};

// errors  kMalformed "http.target": a lone %, bad hexadecimal digits, U+0000, or bytes that are not UTF-8
base::Result<std::string> PercentDecode(std::string_view text);

// "a=1&b=x+y" → pairs in order, repeated names kept; `+` is a space; empty pieces are skipped. Of a form body, too.
// errors  as PercentDecode, or more than kQueryPairsMax pairs
base::Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view text);

// errors  as ParseQuery, or a segment that is empty, ".", "..", or holds a "/" once decoded
base::Result<Target> ParseTarget(std::string_view origin_form);

}  // namespace heyi::net
