#include "server/auth/bearer.h"

#include "base/digest.h"
#include "base/text.h"

namespace heyi::server {
namespace {
constexpr size_t kTokenBytesMax = 4096;
}

BearerTokens::BearerTokens(const std::vector<TokenGrant>& grants) {
  for (const TokenGrant& grant : grants) by_digest_.emplace(grant.token_sha256, grant.caller);
}

base::Result<base::Caller> BearerTokens::CallerOf(std::string_view authorization) const {
  if (authorization.empty()) return base::Caller{};
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() || base::AsciiLower(authorization.substr(0, kScheme.size())) != kScheme) {
    return base::Error(base::ErrorKind::kUnauthenticated, "auth.scheme");
  }
  const std::string_view token = base::Trim(authorization.substr(kScheme.size()));
  // Looked up by digest: the time it takes tells nothing of a stored token.
  if (token.size() <= kTokenBytesMax) {
    if (auto found = by_digest_.find(base::ToHex(base::Sha256(token))); found != by_digest_.end()) return found->second;
  }
  return base::Error(base::ErrorKind::kUnauthenticated, "auth.token");
}

}  // namespace heyi::server
