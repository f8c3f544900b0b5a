// JSONTestSuite against our reader: what is JSON (y_) is taken, what is not (n_) is refused, the rest (i_) may go either
// way, and whatever is taken comes out of the tree and back the same. https://github.com/nst/JSONTestSuite
#include <fmt/format.h>

#include "base/file.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/corpora/tokens.h"

namespace heyi::cli {
namespace {


std::string Verdict(const base::Result<Tokens>& tokens) {
  if (tokens.ok()) return std::string(kTaken);
  return fmt::format("{}: {}", kRefused, Briefly(tokens.error().outcome));
}

// Read into a tree, written and read again: the same tokens. Else what became of them.
std::string ComesBack(const std::string& text) {
  auto value = base::ParseJson(text);
  if (!value.ok()) return Verdict(std::move(value).error());
  const auto before = Tokens::Read(text);
  const auto after = Tokens::Read(base::WriteJson(*value));
  if (!before.ok() || !after.ok()) return "written as what is not JSON";
  const Difference difference = FirstDifference(*before, *after);
  return difference.none() ? std::string(kTaken) : "changed: " + difference.got;
}

}  // namespace

base::Result<base::Done> RunJsonTorture(const Corpus& corpus, Report& report) {
  const std::string directory = corpus.directory + "/test_parsing";
  const std::vector<std::string> names = FileNames(directory, ".json");
  if (names.empty()) return Unusable(directory + " holds no .json");
  for (const std::string& name : names) {
    HEYI_TRY(text, base::ReadFile(directory + "/" + name));
    const std::string group = name.substr(0, 2);
    const auto tokens = Tokens::Read(text);
    if (group == "y_" && !tokens.ok() && tokens.error().outcome.issues().front().rule == "json.nul") {
      report.Pass(group);  // JSON allows U+0000 in a string; FHIR does not, and this reader is FHIR's
    } else if (group == "y_") {
      report.Check(group, name, tokens.ok() ? ComesBack(text) : Verdict(tokens), kTaken);
    } else if (group == "n_" && tokens.ok()) {
      report.Fail(group, name, kTaken, kRefused);
    } else if (group == "i_" && tokens.ok()) {
      report.Check(group, name, ComesBack(text), kTaken);
    } else {
      report.Pass(group);  // refused as n_ must and i_ may be
    }
  }
  return base::Done{};
}

}  // namespace heyi::cli
