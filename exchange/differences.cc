#include "exchange/differences.h"

#include <fmt/format.h>

#include <optional>

namespace heyi::exchange {
base::Result<base::Done> FindDifferences(const interaction::Plan& plan, PlanTrace& trace) {
  for (const interaction::Plan::Put& put : plan.Writes()) {
    if (put.type->name == "Provenance") continue;
    HEYI_TRY(record, plan.snapshot().Current(*put.type, put.id));
    std::optional<fhir::Tree> before;
    if (record && !record->deleted) {
      HEYI_TRY(tree, plan.snapshot().Tree(*record));
      before = std::move(tree);
    }
    HEYI_TRY(found, plan.Find(*put.type, put.id));
    if (!found) continue;
    const std::string resource = fmt::format("{}/{}", put.type->name, put.id);
    for (mapping::Difference& one : mapping::Differences(before ? &*before : nullptr, &found->tree)) {
      trace.more_differences = trace.differences.size() == kDifferencesMax;
      if (trace.more_differences) return base::Done{};
      trace.differences.push_back({resource, std::move(one)});
    }
  }
  return base::Done{};
}

}  // namespace heyi::exchange
