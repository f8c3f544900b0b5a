// What conformance/ knows, as the exchange asks for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/library/source.h"
#include "exchange/transform.h"

namespace heyi::server {

class SourceCanonicals : public exchange::KnownCanonicals {
 public:
  explicit SourceCanonicals(const conformance::CanonicalSource& source) : source_(source) {}  // which outlives it

  std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url,
      std::string_view version) const override {
    return source_.Find(type, url, version);
  }
  std::vector<std::string> Urls(std::string_view type) const override {
    std::vector<std::string> urls;
    for (const conformance::CanonicalName& name : source_.Names(type)) {
      if (urls.empty() || urls.back() != name.url) urls.push_back(name.url);  // sorted by url
    }
    return urls;
  }
  uint64_t Generation() const override { return source_.Generation(); }

 private:
  const conformance::CanonicalSource& source_;
};

}  // namespace heyi::server
