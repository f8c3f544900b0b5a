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

}  // namespace heyi::mapping
