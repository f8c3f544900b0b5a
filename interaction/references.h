// The links inside a resource: found and rewritten when a transaction gives its entries their ids.
// https://hl7.org/fhir/R4/http.html#trules
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fhir/model/tree.h"

namespace heyi::interaction {

// Calls `rewrite` with every Reference.reference (is_reference) and every uri, url, oid, uuid and canonical value; where it
// returns a text, that replaces the value. Errors of `rewrite` end the walk.
using Rewrite = std::function<base::Result<std::optional<std::string>>(fhir::Node value, bool is_reference)>;
base::Result<base::Done> RewriteLinks(fhir::Tree& tree, const Rewrite& rewrite);

}  // namespace heyi::interaction
