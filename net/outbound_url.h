// Where an outbound request may go: URLs are brought to one spelling first, so that no other spelling gets past the
// list of allowed prefixes. https://www.rfc-editor.org/rfc/rfc3986#section-6
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::net {

// Scheme and host in lower case, the port always there, "/" where there is no path, no fragment.
// errors  kForbidden "http.client.not-allowed": another scheme than http and https, user information, no host, dot
//         segments (encoded ones too), encoded slashes, or a character that may not stand in a URL
base::Result<std::string> NormalizeUrl(std::string_view url);

// Does the normalized `url` lie under `prefix`, ending it at a boundary of port or path? False for an unusable prefix.
bool IsUnder(std::string_view url, std::string_view prefix);

}  // namespace heyi::net
