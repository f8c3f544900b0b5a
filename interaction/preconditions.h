// Entity tags: W/"3" is version 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "interaction/request.h"

namespace heyi::interaction {

std::string EntityTag(uint64_t version);

// The version that one tag names. errors  kMalformed interaction.etag
base::Result<uint64_t> ParseEntityTag(std::string_view tag);

// Does `if_none_match` (a list of tags, or *) name this version?
bool NoneMatchHolds(std::string_view if_none_match, uint64_t version);

// kPrecondition when If-Match is given and names another version than the current one (0 = there is none).
base::Result<base::Done> CheckIfMatch(const Request& request, uint64_t current_version);

}  // namespace heyi::interaction
