// A code system from a list: CSV with a header line, or one JSON object a line. What a bureau publishes is seldom FHIR.
//
// CSV (RFC 4180): columns code, display, definition, parent, status, designation:LANGUAGE (designation alone: zh) and
// property:NAME, in any order; code is needed. NDJSON: the same names as members; designation is {language: text},
// property {name: text}. A parent may stand before or after its children.
#pragma once

#include <functional>
#include <string>

#include "base/json/value.h"
#include "base/result.h"

namespace heyi::conformance {

enum class CodeListFormat : uint8_t { kCsv, kNdjson };

struct CodeListHead {
  std::string url, version, name, title;
};

// The CodeSystem, flat: who stands below whom is told by the property `parent`.
//   progress  is told the number of lines read, every 5,000
//   errors    kInvalid, all issues found up to kIssuesMax, `expression` naming the line: terminology.list-*
base::Result<base::JsonValue> CodeSystemOfList(std::string text, CodeListFormat format, const CodeListHead& head,
                                               const std::function<void(size_t lines)>& progress);

}  // namespace heyi::conformance
