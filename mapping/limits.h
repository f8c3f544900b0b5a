// The bounds of maps and of what they make of one message.
#pragma once

#include <cstddef>

namespace heyi::mapping {

inline constexpr size_t kMapBytesMax = 256u << 10;
inline constexpr size_t kMapLinesMax = 2'000;
inline constexpr size_t kPathStepsMax = 12;
inline constexpr size_t kFieldItemsMax = 100;  // how far a map may count in a list of the message
inline constexpr size_t kUnreadMax = 100;      // unread fields that are told one by one
inline constexpr size_t kResourcesMax = 1'000; // that one message may make
inline constexpr size_t kCompileIssuesMax = 50;

// Of maps in HL7's mapping language.
inline constexpr size_t kFmlBytesMax = 4u << 20;
inline constexpr size_t kFmlTokensMax = 500'000;
inline constexpr size_t kFmlDepthMax = 64;       // of rules in rules, and of expressions
inline constexpr size_t kFmlIssuesMax = 50;
inline constexpr size_t kFmlTypesMax = 5'000;       // made of logical models
inline constexpr size_t kFmlElementsMax = 5'000;    // of one model
inline constexpr size_t kFmlMapsMax = 2'000;        // that one imports, one through the other
inline constexpr size_t kFmlSourcesMax = 32;        // of one rule
inline constexpr size_t kFmlTargetsMax = 1'000;     // of one rule
inline constexpr size_t kFmlRunDepthMax = 400;      // of groups that call groups and rules in rules, together
inline constexpr size_t kFmlLogMax = 10'000;        // lines
inline constexpr size_t kFmlStepsMax = 50'000'000;  // of one run
inline constexpr size_t kFmlBytesPerStep = 16;      // text costs, too
inline constexpr size_t kFmlNodesMax = 10'000'000;  // that one run makes

}  // namespace heyi::mapping
