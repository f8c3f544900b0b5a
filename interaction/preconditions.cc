#include "interaction/preconditions.h"

#include <fmt/format.h>

#include "base/text.h"

namespace heyi::interaction {

std::string EntityTag(uint64_t version) { return fmt::format("W/\"{}\"", version); }

base::Result<uint64_t> ParseEntityTag(std::string_view tag) {
  std::string_view inside = base::Trim(tag);
  if (inside.starts_with("W/")) inside.remove_prefix(2);
  uint64_t version = 0;
  if (inside.size() > 2 && inside.front() == '"' && inside.back() == '"' &&
      base::ParseUnsigned(inside.substr(1, inside.size() - 2), &version)) {
    return version;
  }
  return base::Error(base::ErrorKind::kMalformed, "interaction.etag", {}, tag);
}

bool NoneMatchHolds(std::string_view if_none_match, uint64_t version) {
  for (std::string_view tag : base::Split(if_none_match, ',')) {
    if (base::Trim(tag) == "*") return true;
    const base::Result<uint64_t> named = ParseEntityTag(tag);
    if (named.ok() && *named == version) return true;
  }
  return false;
}

base::Result<base::Done> CheckIfMatch(const Request& request, uint64_t current_version) {
  if (request.if_match.empty()) return base::Done{};
  if (base::Trim(request.if_match) == "*" && current_version != 0) return base::Done{};
  HEYI_TRY(wanted, ParseEntityTag(request.if_match));
  if (wanted == current_version && current_version != 0) return base::Done{};
  return base::Error(base::ErrorKind::kPrecondition, "interaction.version-conflict", {}, fmt::format("{}", current_version));
}

}  // namespace heyi::interaction
