#include <fmt/format.h>

#include <cstdio>

#include "base/text.h"
#include "cli/local.h"
#include "cli/map/messages.h"
#include "cli/report_error.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"

namespace heyi::cli {
namespace {

void PrintIssues(const base::Outcome& outcome) {
  for (const base::Issue& issue : outcome.issues()) {
    fmt::print("{} {} {}: {}\n", base::SeverityName(issue.severity), issue.rule, issue.expression.empty() ? "-" : issue.expression, base::EnglishText(issue));
  }
}

// NAME=FILE…: resources under the map's names, into a message.
int Back(const MapWorkshop& workshop, const mapping::PairMap& map, const Arguments& arguments) {
  std::vector<std::pair<std::string, fhir::Tree>> trees;
  for (size_t i = 2; i < arguments.positional().size(); ++i) {
    const std::string& word = arguments.positional()[i];
    const size_t equals = word.find('=');
    if (equals == std::string::npos) return ReportError(base::Error(base::ErrorKind::kMalformed, "cli.name-file", {}, word));
    auto text = ReadText(word.substr(equals + 1));
    if (!text.ok()) return ReportError(text.error());
    auto tree = fhir::ParseResource(std::move(*text), *workshop.definitions);
    if (!tree.ok()) return ReportError(tree.error());
    trees.emplace_back(word.substr(0, equals), std::move(*tree));
  }
  std::vector<std::pair<std::string, fhir::Node>> nodes;
  for (const auto& [name, tree] : trees) nodes.emplace_back(name, tree.root());
  base::Outcome outcome;
  const auto record = map.ToRecord(nodes, outcome);
  if (!record.ok()) return ReportError(record.error());
  std::printf("%s\n", base::WriteJson(*record, /*pretty=*/true).c_str());
  PrintIssues(outcome);
  return outcome.HasErrors() ? 1 : 0;
}

int Forward(const MapWorkshop& workshop, const mapping::PairMap& map, const Arguments& arguments) {
  auto targets = ReadStore(workshop, arguments.Option("store", ""));
  if (!targets.ok()) return ReportError(targets.error());
  int status = 0;
  for (size_t i = 2; i < arguments.positional().size(); ++i) {
    const auto message = ReadMessage(map.department(), arguments.positional()[i]);
    if (!message.ok()) return ReportError(message.error());
    const auto mapped = map.ToFhir(*message, *targets);
    if (!mapped.ok()) return ReportError(mapped.error());
    fmt::print("# {}: {} {} of {}\n", arguments.positional()[i], message->type, message->id, message->sender);
    PrintIssues(mapped->outcome);
    for (const mapping::MappedResource& resource : mapped->resources) std::printf("%s\n", fhir::WriteJson(resource.tree).c_str());
    for (const mapping::LineageRow& row : mapped->lineage) fmt::print("  {} <- {} (byte {}) by {}\n", row.target, row.source, row.begin, row.rule);
    for (const std::string& path : mapped->unread) fmt::print("  unread: {}\n", path);
    if (mapped->outcome.HasErrors()) status = 1;
  }
  return status;
}

}  // namespace

int MapRun(const MapWorkshop& workshop, const Arguments& arguments) {
  const auto map = workshop.Map(arguments.positional()[1]);
  if (!map.ok()) return ReportError(map.error());
  return arguments.Has("back") ? Back(workshop, **map, arguments) : Forward(workshop, **map, arguments);
}

}  // namespace heyi::cli
