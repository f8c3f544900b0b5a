// Several sources as one: what a request brings before what the store has, and that before the base library.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/library/source.h"

namespace heyi::conformance {

// Of one url and version the first source that has it wins; the latest version is the latest of all sources.
class LayeredSource : public CanonicalSource {
 public:
  explicit LayeredSource(std::vector<const CanonicalSource*> layers) : layers_(std::move(layers)) {}  // they outlive this

  std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url, std::string_view version) const override;
  std::vector<CanonicalName> Names(std::string_view type) const override;
  std::vector<std::string> Versions(std::string_view type, std::string_view url) const override;
  uint64_t Generation() const override;

 private:
  std::vector<const CanonicalSource*> layers_;
};

}  // namespace heyi::conformance
