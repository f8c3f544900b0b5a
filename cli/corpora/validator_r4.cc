// Resources, good and bad, against the validator: the verdict is what counts, not the words. Tier `core` needs nothing but
// FHIR R4's own definitions; a case may bring profiles and value sets of its own. https://hl7.org/fhir/R4/validation.html
#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "cli/command.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "conformance/library/layered_source.h"
#include "conformance/library/library.h"
#include "conformance/library/memory_source.h"
#include "conformance/terminology/terminology.h"
#include "conformance/validate/validator.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/xml/parse.h"

namespace heyi::cli {
namespace {

using base::JsonValue;
using base::Result;


class ValidatorCases {
 public:
  ValidatorCases(const Corpus& corpus, const conformance::Library& library, Report& report)
      : corpus_(corpus), definitions_(corpus.parameters->definitions()), library_(library), report_(report) {}

  void Run(const JsonValue& one) {
    const std::string_view id = one.StringAt("id");
    if (!std::filesystem::exists(fmt::format("{}/files/{}", corpus_.directory, one.StringAt("file")))) return;  // the corpus lacks it
    const std::string group(one.StringAt("tier"));
    conformance::MemorySource own;
    for (const JsonValue& file : one["supporting"].items()) AddTo(own, file.text());
    Check(group, std::string(id), one["baseValid"].is_true(), Verdict(own, one.StringAt("file"), {}));
    const JsonValue& profile = one["profile"];
    if (!profile.is_object()) return;
    for (const JsonValue& file : profile["supporting"].items()) AddTo(own, file.text());
    const std::string canonical = AddTo(own, profile.StringAt("source"));
    Check(group, std::string(id) + " by profile", one["profileValid"].is_true(), Verdict(own, one.StringAt("file"), canonical));
  }

 private:
  Result<fhir::Tree> Read(std::string_view file) const {
    HEYI_TRY(text, base::ReadFile(fmt::format("{}/files/{}", corpus_.directory, file)));
    if (file.ends_with(".xml")) return fhir::ParseXmlResource(text, definitions_);
    return fhir::ParseResource(std::move(text), definitions_);
  }

  // The canonical of what was added; empty where it is none or cannot be read.
  std::string AddTo(conformance::MemorySource& source, std::string_view file) const {
    Result<JsonValue> json = base::Error(base::ErrorKind::kNotFound, "file.failed");
    if (file.ends_with(".xml")) {
      if (const auto tree = Read(file); tree.ok()) json = base::ParseJson(fhir::WriteJson(*tree));
    } else if (auto text = base::ReadFile(fmt::format("{}/files/{}", corpus_.directory, file)); text.ok()) {
      json = base::ParseJson(std::move(*text));
    }
    if (!json.ok()) return {};
    std::string url(json->StringAt("url"));
    source.Add(std::move(*json));
    return url;
  }

  struct Said {
    bool valid = false;
    std::string why;  // the first error
  };

  Said Verdict(const conformance::MemorySource& own, std::string_view file, const std::string& profile) const {
    const conformance::LayeredSource source({&own, &library_});
    const conformance::Terminology terminology(source);
    const conformance::Validator validator(definitions_, source, &terminology);
    const auto tree = Read(file);
    base::Outcome outcome;
    if (tree.ok()) {
      conformance::ValidationOptions options;
      if (!profile.empty()) options.profiles.push_back(profile);
      validator.Validate(*tree, options, nullptr, kNowMs, outcome);
    } else {
      outcome = tree.error().outcome;
    }
    for (const base::Issue& issue : outcome.issues()) {
      const bool error = issue.severity == base::Severity::k_error || issue.severity == base::Severity::k_fatal;
      if (error) return {false, fmt::format("{} {} {}", issue.rule, issue.expression, issue.detail)};
    }
    return {true, {}};
  }

  void Check(const std::string& group, const std::string& id, bool valid, const Said& said) {
    if (valid == said.valid) {
      report_.Pass(group);
    } else {
      report_.Fail(group, id, said.valid ? "valid" : "invalid: " + said.why, valid ? "valid" : "invalid");
    }
    if (group != "core" || !valid) return;
    ++valid_;
    if (!said.valid) ++wrongly_refused_;
  }

 public:
  void Conclude() { report_.Note(fmt::format("core: {} of {} valid ones refused", wrongly_refused_, valid_)); }

 private:
  const Corpus& corpus_;
  const fhir::Definitions& definitions_;
  const conformance::Library& library_;
  Report& report_;
  size_t valid_ = 0, wrongly_refused_ = 0;
};

}  // namespace

Result<base::Done> RunValidator(const Corpus& corpus, Report& report) {
  HEYI_TRY(cases, ReadCases(corpus.directory + "/cases.json"));
  HEYI_TRY(library, conformance::Library::Open(conformance::LibraryBeside(PackPath())));
  ValidatorCases run(corpus, *library, report);
  for (const JsonValue& one : cases.items()) run.Run(one);
  run.Conclude();
  return base::Done{};
}

}  // namespace heyi::cli
