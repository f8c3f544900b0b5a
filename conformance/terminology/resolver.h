// Makes resolved value sets: one run a question, imports and all.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/terminology/resolve.h"

namespace heyi::conformance {

// Sorts supplements by the url of what they supplement.
//   failure  one of them is not here, or is none
std::optional<TxFailure> SortSupplements(const CanonicalSource& source, const std::vector<std::string>& canonicals,
                                         std::map<std::string, std::vector<std::string>, std::less<>>& out);

class Resolver {
 public:
  // `preferred`: a coding's own version is used where the value set leaves it open; may be null. All outlive this.
  Resolver(const Terminology& terminology, const VersionRules& rules, const TxCoding* preferred)
      : terminology_(terminology), rules_(rules), preferred_(preferred) {}

  TxAnswer<std::shared_ptr<const ResolvedValueSet>> Run(const ValueSetChoice& choice);

 private:
  using Answer = TxAnswer<std::shared_ptr<const ResolvedValueSet>>;

  Answer ResolveOne(const std::shared_ptr<const ValueSetDefinition>& definition);
  std::optional<TxFailure> ResolveIncludes(const std::shared_ptr<const ValueSetDefinition>& definition,
                                           const std::vector<ValueSetDefinition::Include>& from, std::vector<ResolvedInclude>& to,
                                           ResolvedValueSet& out);
  std::optional<TxFailure> BindSystem(ResolvedInclude& include, ResolvedValueSet& out);
  std::optional<TxFailure> BindImports(const std::shared_ptr<const ValueSetDefinition>& definition, ResolvedInclude& include, ResolvedValueSet& out);
  static void TakeImport(const std::shared_ptr<const ResolvedValueSet>& resolved, bool contained, ResolvedInclude& include, ResolvedValueSet& out);
  std::shared_ptr<const base::JsonValue> FindValueSet(std::string_view url, std::string_view version) const;

  const Terminology& terminology_;
  const VersionRules& rules_;
  const TxCoding* const preferred_;
  std::string root_rule_;                         // the default version that chose the root, as "url|version"
  std::vector<std::string> path_;                 // canonicals of the value sets under way
  std::map<std::string, std::shared_ptr<const ResolvedValueSet>> done_;     // by canonical
  std::map<std::string, std::shared_ptr<const ResolvedValueSet>> imported_;  // by what the import says, with the version
  std::map<std::string, std::vector<std::string>, std::less<>> supplements_;  // by the url of what they supplement
  size_t resolved_ = 0;
  size_t work_ = 0;
};

}  // namespace heyi::conformance
