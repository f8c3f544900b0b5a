// The searchset and history Bundles, written straight to text: pages can be large.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "store/version.h"

namespace heyi::interaction {

class BundleWriter {
 public:
  BundleWriter(std::string_view type, std::string_view id, base::TimeMs now_ms);  // "searchset", "history"

  void Total(uint64_t total);
  void Link(std::string_view relation, std::string_view url);
  // One resource, with its version spliced in already; `mode` match | include | outcome.
  void Match(std::string_view full_url, std::string_view json, std::string_view mode);
  // One version of a history; `json` empty for a delete.
  void HistoryVersion(std::string_view full_url, std::string_view json, std::string_view address, const store::VersionRecord& record);

  std::string Take();

 private:
  void BeginEntry();

  std::string head_, links_, entries_;
};

}  // namespace heyi::interaction
