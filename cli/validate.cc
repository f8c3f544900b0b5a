// heyi validate: resources in files against FHIR's definitions, the packages of a data directory and the profiles they
// declare, without a server. One line an issue; NDJSON is checked line by line, .xml as XML.
#include <fmt/format.h>

#include <cstdio>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/report_error.h"
#include "conformance/knowledge.h"
#include "conformance/structure.h"
#include "fhir/json/parse.h"
#include "fhir/xml/parse.h"

namespace heyi::cli {
namespace {

class Validation {
 public:
  // `knowledge` may be null: structure only.
  Validation(const fhir::Definitions& definitions, const conformance::Knowledge* knowledge, const std::string& profile)
      : definitions_(definitions), knowledge_(knowledge) {
    if (!profile.empty()) options_.profiles.push_back(profile);
  }

  void Check(const std::string& place, std::string text) {
    ++resources_;
    const bool xml = place.ends_with(".xml");
    const auto tree = xml ? fhir::ParseXmlResource(std::move(text), definitions_) : fhir::ParseResource(std::move(text), definitions_);
    base::Outcome outcome;
    if (tree.ok()) Check(*tree, outcome);
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
  void Check(const fhir::Tree& tree, base::Outcome& outcome) const {
    if (knowledge_ == nullptr) return conformance::CheckStructure(tree, definitions_, outcome);
    knowledge_->validator().Validate(tree, options_, nullptr, base::SystemClock().NowMs(), outcome);
  }

  const fhir::Definitions& definitions_;
  const conformance::Knowledge* const knowledge_;
  conformance::ValidationOptions options_;
  size_t resources_ = 0, wrong_ = 0;
};

}  // namespace

int RunValidate(int count, const char* const* words) {
  Arguments arguments;
  constexpr std::string_view kOptions[] = {"profile", "data"};
  constexpr std::string_view kFlags[] = {"structure"};
  if (!Arguments::Parse(count, words, kOptions, kFlags, &arguments) || arguments.positional().empty()) {
    std::fprintf(stderr, "usage: heyi validate FILE.json|FILE.xml|FILE.ndjson|-… [--profile URL] [--data DIR] [--structure]\n");
    return 2;
  }
  const auto definitions = LoadDefinitions();
  if (!definitions.ok()) return ReportError(definitions.error());
  std::unique_ptr<conformance::Knowledge> knowledge;
  if (!arguments.Has("structure")) {
    auto opened = conformance::Knowledge::Open(**definitions, conformance::Knowledge::BuiltIn(PackPath()), arguments.Option("data", "data") + "/packages", nullptr);
    if (!opened.ok()) return ReportError(opened.error());
    knowledge = std::move(*opened);
  }
  Validation validation(**definitions, knowledge.get(), arguments.Option("profile", ""));
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
