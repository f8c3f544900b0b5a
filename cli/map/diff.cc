#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/map/messages.h"
#include "cli/report_error.h"
#include "mapping/difference.h"
#include "mapping/pair/explain.h"

namespace heyi::cli {
namespace {

// Each rule as one line without its number, so that a rule that only moved is no difference.
std::vector<std::string> RuleLines(const mapping::PairMap& map) {
  std::vector<std::string> lines;
  const mapping::ExplainedMap explained = mapping::Explain(map);
  for (const mapping::ExplainedResource& resource : explained.resources) {
    for (const std::string& way : resource.known_by) lines.push_back(fmt::format("{}: {}", resource.name, way));
    for (const mapping::ExplainedRule& rule : resource.rules) {
      lines.push_back(fmt::format("{}: {} {} {}{}{}", resource.name, rule.field, rule.arrow, rule.place, rule.through.empty() ? "" : " : " + rule.through,
                                  rule.guard.empty() ? "" : " " + rule.guard));
    }
  }
  for (const auto& [field, reason] : explained.ignored) lines.push_back(fmt::format("ignore {}", field));
  return lines;
}

void PrintMissing(const std::vector<std::string>& from, const std::vector<std::string>& in, char sign, bool& differs) {
  for (const std::string& line : from) {
    if (std::find(in.begin(), in.end(), line) != in.end()) continue;
    differs = true;
    fmt::print("{} {}\n", sign, line);
  }
}

base::Result<base::Done> DiffMessage(const mapping::PairMap& before, const mapping::PairMap& after, const std::string& path, const std::string& store,
                                     const MapWorkshop& workshop, bool& differs) {
  HEYI_TRY(message, ReadMessage(after.department(), path));
  HEYI_TRY(targets, ReadStore(workshop, store));
  HEYI_TRY(old, before.ToFhir(message, targets));
  HEYI_TRY(now, after.ToFhir(message, targets));
  std::map<std::string, std::pair<const fhir::Tree*, const fhir::Tree*>> pairs;
  const auto reference = [](const mapping::MappedResource& one) { return fmt::format("{}/{}", one.tree.type()->name, one.tree.id()); };
  for (const mapping::MappedResource& resource : old.resources) pairs[reference(resource)].first = &resource.tree;
  for (const mapping::MappedResource& resource : now.resources) pairs[reference(resource)].second = &resource.tree;
  fmt::print("# {}\n", path);
  for (const auto& [name, pair] : pairs) {
    for (const mapping::Difference& one : mapping::Differences(pair.first, pair.second)) {
      differs = true;
      fmt::print("  {} {}: \"{}\" -> \"{}\"\n", name, one.path, one.before, one.after);
    }
  }
  return base::Done{};
}

}  // namespace

int MapDiff(const MapWorkshop& workshop, const Arguments& arguments) {
  const auto before = workshop.Map(arguments.positional()[1]), after = workshop.Map(arguments.positional()[2]);
  if (!before.ok()) return ReportError(before.error());
  if (!after.ok()) return ReportError(after.error());
  const std::vector<std::string> old = RuleLines(**before), now = RuleLines(**after);
  bool differs = false;
  PrintMissing(old, now, '-', differs);
  PrintMissing(now, old, '+', differs);
  for (size_t i = 3; i < arguments.positional().size(); ++i) {
    const auto done = DiffMessage(**before, **after, arguments.positional()[i], arguments.Option("store", ""), workshop, differs);
    if (!done.ok()) return ReportError(done.error());
  }
  return differs ? 1 : 0;
}

}  // namespace heyi::cli
