// What a map may need from outside, asked for by canonical while it is compiled: other maps, models, code tables.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

class FmlSource {
 public:
  virtual ~FmlSource() = default;
  // All maps whose url fits; `*` in `canonical` stands for any characters. In the order of their urls.
  virtual std::vector<std::shared_ptr<const StructureMap>> Maps(std::string_view canonical) const = 0;
  // The StructureDefinition or ConceptMap of that canonical; null where there is none.
  virtual std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view canonical) const = 0;
};

// What a caller holds in memory.
class MemoryFmlSource : public FmlSource {
 public:
  void AddMap(StructureMap map);
  void AddResource(base::JsonValue resource);  // by resourceType and url; an earlier one of the same is replaced

  std::vector<std::shared_ptr<const StructureMap>> Maps(std::string_view canonical) const override;
  std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view canonical) const override;

 private:
  std::map<std::string, std::shared_ptr<const StructureMap>, std::less<>> maps_;
  std::map<std::string, std::shared_ptr<const base::JsonValue>, std::less<>> resources_;  // "ConceptMap http://…"
};

// Whether `text` is what `pattern` says, `*` standing for any characters.
bool FitsPattern(std::string_view pattern, std::string_view text);

}  // namespace heyi::mapping
