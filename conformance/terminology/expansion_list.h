// All codes of a resolved value set, in order and each once: what $expand pages over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/terminology/resolve.h"

namespace heyi::conformance {

struct ListedCode {
  const ResolvedInclude* include = nullptr;  // the one it comes from, perhaps an import's
  uint32_t concept_ = CodeSystem::kNone;
  const ValueSetDefinition::Listed* listed = nullptr;
  std::string_view code;                     // as the code system has it
  bool nests = false;                        // may stand below its parent: it comes from the hierarchy, not from a list
};

class ExpansionList {
 public:
  explicit ExpansionList(const Terminology& terminology) : terminology_(terminology) {}

  // Views into `value_set` and its imports, which outlive the list; kept there, for it is come to by many ways.
  //   failure  a code system that is not here, or is none of a list, or in a version that is refused; too-costly
  TxAnswer<std::shared_ptr<const std::vector<ListedCode>>> Of(const std::shared_ptr<const ResolvedValueSet>& value_set);

 private:
  using List = std::vector<ListedCode>;
  std::optional<TxFailure> Gather(const ResolvedInclude& include, const ResolvedValueSet& value_set, List& out);
  std::optional<TxFailure> GatherOwn(const ResolvedInclude& include, const ResolvedValueSet& value_set, List& out) const;
  std::optional<TxFailure> TooMany(const ResolvedValueSet& value_set, size_t more);

  const Terminology& terminology_;
  size_t codes_ = 0;
  uint64_t steps_ = 0;
};

// Were codes taken for the same whatever the version of their code system? True or nothing.
std::optional<bool> VersionsMatched(const ResolvedValueSet& value_set);

}  // namespace heyi::conformance
