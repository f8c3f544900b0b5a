// heyi validate: the structure check of resources in files, without a server. One line an issue; NDJSON is checked line by line.
#include <fmt/format.h>

#include <cstdio>

#include "base/text.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/report_error.h"
#include "conformance/structure.h"
#include "fhir/json/parse.h"

namespace heyi::cli {
namespace {

class Validation {
 public:
  explicit Validation(const fhir::Definitions& definitions) : definitions_(definitions) {}

  void Check(const std::string& place, std::string text) {
    ++resources_;
    const auto tree = fhir::ParseResource(std::move(text), definitions_);
    base::Outcome outcome;
    if (tree.ok()) conformance::CheckStructure(*tree, definitions_, outcome);
    const base::Outcome& told = tree.ok() ? outcome : tree.error().outcome;
    if (!tree.ok() || outcome.HasErrors()) ++wrong_;
    for (const base::Issue& issue : told.issues()) {
      std::printf("%s: %s %s %s: %s\n", place.c_str(), std::string(base::SeverityName(issue.severity)).c_str(), issue.rule.c_str(),
                  issue.expression.empty() ? "-" : issue.expression.c_str(), base::EnglishText(issue).c_str());
    }
  }

  int Conclude() const {
    std::printf("%zu resources, %zu with errors\n", resources_, wrong_);
    return wrong_ == 0 ? 0 : 1;
  }

 private:
  const fhir::Definitions& definitions_;
  size_t resources_ = 0, wrong_ = 0;
};

}  // namespace

int RunValidate(int count, const char* const* words) {
  Arguments arguments;
  if (!Arguments::Parse(count, words, {}, {}, &arguments) || arguments.positional().empty()) {
    std::fprintf(stderr, "usage: heyi validate FILE.json|FILE.ndjson|-…\n");
    return 2;
  }
  const auto definitions = LoadDefinitions();
  if (!definitions.ok()) return ReportError(definitions.error());
  Validation validation(**definitions);
  for (const std::string& path : arguments.positional()) {
    auto text = ReadText(path);
    if (!text.ok()) return ReportError(text.error());
    if (!path.ends_with(".ndjson")) {
      validation.Check(path, std::move(*text));
      continue;
    }
    size_t line = 0;
    for (const std::string_view one : base::Split(*text, '\n')) {
      ++line;
      if (!base::Trim(one).empty()) validation.Check(fmt::format("{}:{}", path, line), std::string(one));
    }
  }
  return validation.Conclude();
}

}  // namespace heyi::cli
