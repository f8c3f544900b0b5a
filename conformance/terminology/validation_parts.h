// What $validate-code is put together from, besides its run through a request (validate_code.cc).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/terminology/answers.h"
#include "conformance/terminology/resolve.h"

namespace heyi::conformance {

// The places of a coding's parts in the request.
struct Places {
  std::string whole, code, system, version, display;

  static Places Of(ValidateRequest::Form form, size_t number);
};

bool AnyError(const std::vector<TxIssue>& issues);

// All includes of `system` in a value set and what it imports, each once.
std::vector<const ResolvedInclude*> IncludesOf(const ResolvedValueSet& value_set, std::string_view system);

// Of several versions of a code system in the value set, the coding's own counts where it is there.
std::vector<Hit> OfVersion(std::vector<Hit> hits, const std::vector<const ResolvedInclude*>& includes, const TxCoding& coding);

// The latest version, but rather one that has the display. `hits` is not empty.
const Hit& BestHit(const std::vector<Hit>& hits, const TxCoding& coding);

}  // namespace heyi::conformance
