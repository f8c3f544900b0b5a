#include <fmt/format.h>

#include <cstdio>

#include "cli/map/map.h"
#include "cli/report_error.h"
#include "mapping/pair/explain.h"

namespace heyi::cli {

int MapExplain(const MapWorkshop& workshop, const Arguments& arguments) {
  const auto map = workshop.Map(arguments.positional()[1]);
  if (!map.ok()) return ReportError(map.error());
  const mapping::ExplainedMap explained = mapping::Explain(**map);
  fmt::print("{} version {}: {} {}\n", (*map)->name(), (*map)->version(), (*map)->department(), fmt::join((*map)->types(), " "));
  for (const mapping::ExplainedResource& resource : explained.resources) {
    fmt::print("\n{} {} ({}){}\n", resource.type, resource.name, resource.role, resource.each.empty() ? "" : ", one an item of " + resource.each);
    for (const std::string& way : resource.known_by) fmt::print("  {}\n", way);
    for (const mapping::ExplainedRule& rule : resource.rules) {
      fmt::print("  {:>4}  {}{} {} {}{}{}\n", rule.line, rule.field, rule.chinese.empty() ? "" : fmt::format(" ({})", rule.chinese), rule.arrow, rule.place,
                 rule.through.empty() ? "" : " : " + rule.through, rule.guard.empty() ? "" : "  " + rule.guard);
    }
  }
  if (!explained.ignored.empty()) fmt::print("\nnot read\n");
  for (const auto& [field, reason] : explained.ignored) fmt::print("  {}: {}\n", field, reason);
  if (!explained.lost.empty()) fmt::print("\nnot written on the way back\n  {}\n", fmt::join(explained.lost, "\n  "));
  return 0;
}

}  // namespace heyi::cli
