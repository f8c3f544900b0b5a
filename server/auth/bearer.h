// Bearer tokens from the configuration -> Caller. https://www.rfc-editor.org/rfc/rfc6750
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "server/config.h"

namespace heyi::server {

class BearerTokens {
 public:
  explicit BearerTokens(const std::vector<TokenGrant>& grants);

  // `authorization`: the header's value; empty = anonymous caller.
  //   errors  kUnauthenticated auth.scheme, auth.token
  base::Result<base::Caller> CallerOf(std::string_view authorization) const;

 private:
  std::unordered_map<std::string, base::Caller> by_digest_;
};

}  // namespace heyi::server
