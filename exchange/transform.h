// StructureMap/$transform: content through a map in HL7's mapping language.
// https://hl7.org/fhir/R4/structuremap-operation-transform.html
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "interaction/operations.h"

namespace heyi::exchange {

// What is known by canonical: stored, of packages, of the guide. This room may not ask conformance/ itself.
class KnownCanonicals {
 public:
  virtual ~KnownCanonicals() = default;
  virtual std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url,
      std::string_view version) const = 0;
  virtual std::vector<std::string> Urls(std::string_view type) const = 0;
  virtual uint64_t Generation() const = 0;  // rises whenever an earlier answer may have become another
};

// Parameters: `source` (the map's canonical, also in the query) or the instance; `content` (the resource or logical
// instance; as valueString its JSON or XML); `map` or `sourceMap` (a StructureMap) or `srcMap` (text of the language; the
// first is the map where none else is named) and `supportingMap`, which are known beside what is stored; `model`
// (StructureDefinition, ConceptMap) likewise. A body that is no Parameters is the content.
std::unique_ptr<interaction::Operation> MakeTransform(std::shared_ptr<const KnownCanonicals> known);

}  // namespace heyi::exchange
