// Where each value of a resource came from: kept with the message that wrote it, found by the resource.
//
// Facts: space "lineage", key MESSAGE-KEY, one line a value: target TAB source TAB byte TAB rule;
//        space "lineage.of", key TYPE/ID/VERSION (8 hex digits), the key of the message that wrote that version.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interaction/plan.h"
#include "mapping/pair_map.h"

namespace heyi::exchange {

inline constexpr std::string_view kLineageSpace = "lineage";
inline constexpr size_t kVersionsLookedAtMax = 1'000;  // of one resource, newest first

// Adds the facts of one message to the plan that writes what it became.
void KeepTrace(interaction::Plan& plan, const std::string& message_key, const std::vector<mapping::LineageRow>& rows,
               const std::vector<interaction::Plan::Put>& written);

// Who gave an element the value that it has now.
struct ElementOrigin {
  std::string path;           // "name[0].text"
  std::string value;
  uint64_t version = 0;       // the first version that has this value without a break
  base::TimeMs time_ms = 0;   // of that version
  std::string message;        // key of the message; empty: written otherwise (REST, an operation)
  std::string source;         // "data.name"; empty where the message's map did not read it from a field (a literal, an effect)
  uint64_t begin = 0;         // byte of the message where it stands
  std::string rule;           // "civil.ELDER/1:12"; the map's name, its version, and the line
};

// The elements of the current resource at or below `path` (empty: all), in document order.
//   errors  kNotFound exchange.no-element where nothing stands there; store failures
//   cost    one decode a version looked at, at most kVersionsLookedAtMax; older origins count as of the last one looked at
base::Result<std::vector<ElementOrigin>> OriginsOf(const store::Snapshot& snapshot, const fhir::Type& type, std::string_view id, std::string_view path);

}  // namespace heyi::exchange
