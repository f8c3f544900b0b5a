#include "net/http.h"

#include "net/ascii.h"

namespace heyi::net {

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoringCase(key, name)) return value;
  }
  return {};
}

}  // namespace heyi::net
