// Search parameters, compiled: what may be searched, on which type, by which expression.
// https://hl7.org/fhir/R4/searchparameter-registry.html
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "fhir/path/path.h"

namespace heyi::fhir {

enum class SearchType : uint8_t { kToken, kString, kDate, kReference, kNumber, kQuantity, kUri, kComposite, kSpecial };

inline constexpr uint16_t kSearchNumberReserved = 65'000;  // numbers from here on are the store's own

struct SearchParameter {
  // One part of a composite parameter.
  struct Component {
    const SearchParameter* parameter = nullptr;  // whose type (and targets) the part has
    const Expression* expression = nullptr;      // evaluated on each item of the composite's own expression
  };

  std::string code;
  std::string url;
  SearchType type = SearchType::kToken;
  uint16_t number = 0;                // 1, 2 … by url, permanent within one definitions pack; part of index keys
  std::vector<std::string> targets;   // kReference: resource types it may point to
  // Cut to the type it is registered for; null: not indexed (special, or nothing to look at).
  const Expression* expression = nullptr;
  std::vector<Component> components = {};  // kComposite; two or more
  // kComposite: one whose values hold all of this one's, of the same components on more elements (combo-…). The index
  // keeps rows of that one only.
  const SearchParameter* covered_by = nullptr;
  // kToken: the system of all its values, which the resources do not state (code elements); empty: they do, or none is.
  std::string implied_system = {};
  int zone_minutes = base::kDistrictOffsetMinutes;  // in which dates without a zone are read
  bool indexed() const { return expression != nullptr; }
};

class SearchParameters {
 public:
  // Compiles every base parameter of the pack for every type it applies to: a union "A.x | B.y" is cut to the branches
  // of that type, Resource and DomainResource parameters (_id, _lastUpdated, _tag …) apply to all.
  // `zone_minutes` east of UTC is where dates without a zone are at home.
  static base::Result<std::shared_ptr<const SearchParameters>> Compile(
      std::shared_ptr<const Definitions> definitions, int zone_minutes = base::kDistrictOffsetMinutes);

  const SearchParameter* Find(const Type& type, std::string_view code) const;
  std::span<const SearchParameter* const> Of(const Type& type) const;  // sorted by code
  const Definitions& definitions() const { return *definitions_; }
  const std::shared_ptr<const Definitions>& shared_definitions() const { return definitions_; }
  int zone_minutes() const { return zone_minutes_; }

  // The parameters of `member` that put it into `compartment` ("Patient"); empty where it is not in it. That a resource
  // is in the compartment it defines ("{def}" in HL7's tables) is no parameter's business and not said here.
  std::span<const SearchParameter* const> CompartmentParameters(std::string_view compartment, const Type& member) const;

 private:
  friend class ParameterCompiler;
  void FillCompartments();

  int zone_minutes_ = base::kDistrictOffsetMinutes;
  std::shared_ptr<const Definitions> definitions_;
  std::vector<std::unique_ptr<SearchParameter>> owned_;
  std::vector<std::unique_ptr<Expression>> expressions_;
  std::unordered_map<const Type*, std::vector<const SearchParameter*>> by_type_;
  std::unordered_map<std::string, std::vector<const SearchParameter*>> compartments_;  // "Patient/Observation"
};

}  // namespace heyi::fhir
