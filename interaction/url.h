// Percent-coding of what stands inside FHIR data (entry urls, If-None-Exist); the transport's own is net/uri.h.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "interaction/request.h"

namespace heyi::interaction {

base::Result<std::string> DecodePercent(std::string_view text);  // kMalformed interaction.entry-url
base::Result<Query> DecodeQuery(std::string_view text);          // "a=1&b=x%20y", `+` is a space
std::string EncodePercent(std::string_view text);                // for a query value

}  // namespace heyi::interaction
