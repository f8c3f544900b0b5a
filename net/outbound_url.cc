#include "net/outbound_url.h"

#include <algorithm>

#include "net/ascii.h"

namespace heyi::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr CharSet kNameChars = MakeCharSet("-.");

Error RefuseUrl(std::string_view why) { return Error(ErrorKind::kForbidden, "http.client.not-allowed", {}, why); }

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

bool IsHost(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  }
  return !host.empty() && AllIn(kNameChars, host);
}

// A path that another reader could take for a different one.
bool IsDoubtful(std::string_view path) {
  const std::string lower = ToLower(path);
  for (std::string_view encoded : {"%2e", "%2f", "%5c", "%00", "\\"}) {
    if (lower.find(encoded) != std::string::npos) return true;
  }
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);  // the slash
    const size_t end = std::min(rest.find('/'), rest.size());
    if (rest.substr(0, end) == "." || rest.substr(0, end) == "..") return true;
    rest.remove_prefix(end);
  }
  return false;
}

}  // namespace

Result<std::string> NormalizeUrl(std::string_view url) {
  if (!AllIn(kTargetChars, url.substr(0, url.find('#')))) return RefuseUrl("a character that may not stand in a URL");
  url = url.substr(0, url.find('#'));
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return RefuseUrl("no scheme");
  const std::string scheme = ToLower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return RefuseUrl("a scheme other than http and https");
  url.remove_prefix(scheme_end + 3);

  const size_t authority_end = std::min(url.find_first_of("/?\\"), url.size());
  const std::string_view authority = url.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) return RefuseUrl("user information");
  const size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  const size_t host_end = std::min(colon, authority.size());
  const std::string_view host = authority.substr(0, host_end);
  std::string_view port = authority.substr(std::min(host_end + 1, authority.size()));
  if (!IsHost(host)) return RefuseUrl("no host, or not one");
  if (port.size() > 5 || !AllIn(kDigits, port)) return RefuseUrl("not a port");
  while (port.size() > 1 && port.front() == '0') port.remove_prefix(1);
  if (port.empty()) port = scheme == "https" ? "443" : "80";

  const std::string_view rest = url.substr(authority_end);
  const std::string_view path = rest.substr(0, rest.find('?'));
  if (IsDoubtful(path)) return RefuseUrl("dot segments, encoded slashes or backslashes in the path");
  std::string normal = scheme;
  normal.append("://").append(ToLower(host)).append(":").append(port);
  if (path.empty()) normal += '/';
  return normal.append(rest);
}

bool IsUnder(std::string_view url, std::string_view prefix) {
  const Result<std::string> normal = NormalizeUrl(prefix);
  if (!normal.ok() || !url.starts_with(*normal)) return false;
  if (normal->back() == '/' || url.size() == normal->size()) return true;
  return url[normal->size()] == '/' || url[normal->size()] == '?';
}

}  // namespace heyi::net
