// HL7's own R4 examples: each is put into a server and read back, and nothing but the server's part of `meta` may
// have changed. Those that stand there as XML too must be the same resource, and become the same as XML and back.
// https://hl7.org/fhir/R4/examples.html
#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/ids.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/corpora/same_resource.h"
#include "cli/corpora/tokens.h"
#include "cli/in_process.h"
#include "cli/scratch_directory.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/xml/parse.h"
#include "fhir/xml/write.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::Result;

constexpr std::string_view kFolders[] = {"json-4.0.1", "pairs-4.0.0"};

// What became of a resource: `got` is kSame where all is well.
struct Fate {
  std::string got, wanted = std::string(kSame);
};

Fate Compare(const std::string& sent, const std::string& stored, bool id_given) {
  auto before = Tokens::Read(sent);
  auto after = Tokens::Read(stored);
  if (!before.ok()) return {Briefly(before.error().outcome)};
  if (!after.ok()) return {"read back as no JSON: " + Briefly(after.error().outcome)};
  before->DropServerMeta();
  after->DropServerMeta();
  if (!id_given) after->DropId();
  const Difference difference = FirstDifference(*before, *after);
  return difference.none() ? Fate{std::string(kSame)} : Fate{difference.got, difference.sent};
}

// AuditEvents are rendered from the journal and never taken from outside, so they go straight into the store.
Result<std::string> ThroughStore(const InProcess& house, const fhir::Tree& tree) {
  store::Store& store = house.services().store;
  store::CommitDraft draft;
  HEYI_TRY(write, store.PrepareWrite(*store.Now(), tree, 0));
  draft.writes.push_back(std::move(write));
  HEYI_CHECK(store.CommitAndWait(std::move(draft)));
  const auto snapshot = store.Now();
  HEYI_TRY(record, snapshot->Current(*tree.type(), tree.id()));
  if (!record) return Unusable("not there after its commit");
  return snapshot->Json(*record);
}

Fate PutAndRead(const InProcess& house, const std::string& text) {
  const auto tree = fhir::ParseResource(text, house.services().definitions());
  if (!tree.ok()) return {Briefly(tree.error().outcome)};
  const std::string type = tree->type()->name;
  if (type == "AuditEvent") {
    const auto stored = ThroughStore(house, *tree);
    return stored.ok() ? Compare(text, *stored, true) : Fate{Briefly(stored.error().outcome)};
  }
  const bool id_given = !tree->id().empty();
  const interaction::Response written =
      id_given ? house.Ask("PUT", fmt::format("{}/{}", type, tree->id()), text) : house.Ask("POST", type, text);
  if (written.status != 200 && written.status != 201) return {Briefly(written)};
  const std::string address = written.location.substr(house.services().base_url.size() + 1);
  const interaction::Response read = house.Ask("GET", address.substr(0, address.find("/_history")), {});
  if (read.status != 200) return {"read: " + Briefly(read)};
  return Compare(text, read.body, id_given);
}

// A resource that a text became, in the words of WithoutOrder; or why it did not.
std::string Told(const Result<fhir::Tree>& tree) { return tree.ok() ? WithoutOrder(*tree) : Briefly(tree.error().outcome); }

// Around the first place where two texts differ.
Fate FirstDifferenceOf(const std::string& got, const std::string& wanted) {
  constexpr size_t kBefore = 60, kShown = 160;
  if (got == wanted && !got.empty()) return {std::string(kSame)};
  const auto at = static_cast<size_t>(std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end()).first - got.begin());
  const size_t from = at < kBefore ? 0 : at - kBefore;
  return {got.substr(from, kShown), wanted.substr(std::min(from, wanted.size()), kShown)};
}

// XML read is the JSON read; and each, written in the other format, is read as what it was.
Fate ComparePair(const std::string& xml, const std::string& json, const fhir::Definitions& definitions) {
  const auto from_xml = fhir::ParseXmlResource(xml, definitions);
  const auto from_json = fhir::ParseResource(json, definitions);
  const std::string wanted = Told(from_json);
  if (Fate fate = FirstDifferenceOf(Told(from_xml), wanted); fate.got != kSame || !from_xml.ok() || !from_json.ok()) return fate;
  if (Fate fate = FirstDifferenceOf(Told(fhir::ParseResource(fhir::WriteJson(*from_xml), definitions)), wanted); fate.got != kSame) return fate;
  return FirstDifferenceOf(Told(fhir::ParseXmlResource(fhir::WriteXml(*from_json), definitions)), wanted);
}

Result<size_t> RunPairs(const Corpus& corpus, Report& report) {
  const std::string directory = corpus.directory + "/pairs-4.0.0/";
  size_t seen = 0;
  for (const std::string& name : FileNames(directory, ".xml")) {
    if (seen++ % corpus.every != 0) continue;
    HEYI_TRY(xml, base::ReadFile(directory + name));
    HEYI_TRY(json, base::ReadFile(directory + name.substr(0, name.size() - 4) + ".json"));
    const Fate fate = ComparePair(xml, json, corpus.parameters->definitions());
    report.Check("xml = json", "pairs-4.0.0/" + name, fate.got, fate.wanted);
  }
  return seen;
}

}  // namespace

Result<Done> RunR4Examples(const Corpus& corpus, Report& report) {
  HEYI_TRY(scratch, ScratchDirectory::Make());
  // Some of HL7's own examples break R4 (a DeviceMetric's parent, a Questionnaire without linkIds): a codec is judged here,
  // so what is wrong is told and stored.
  HEYI_TRY(house, InProcess::Open(corpus.parameters, scratch.path(), {}, {interaction::WriteRules::Mode::kWarn, {}}));
  size_t seen = 0;
  for (std::string_view folder : kFolders) {
    const std::string directory = fmt::format("{}/{}", corpus.directory, folder);
    for (const std::string& name : FileNames(directory, ".json")) {
      if (seen++ % corpus.every != 0) continue;
      HEYI_TRY(text, base::ReadFile(directory + "/" + name));
      const Fate fate = PutAndRead(*house, text);
      report.Check(folder, fmt::format("{}/{}", folder, name), fate.got, fate.wanted);
    }
  }
  HEYI_TRY(pairs, RunPairs(corpus, report));
  if (seen + pairs == 0) return Unusable(corpus.directory + " holds neither json-4.0.1/*.json nor pairs-4.0.0/*.json");
  return Done{};
}

}  // namespace heyi::cli
