// Synthea's invented patients: batches of hospitals and practitioners, then a transaction a patient. Everything is
// loaded, counted by type, and read back; what was sent must come back with its ids and links translated and nothing
// else changed. https://github.com/synthetichealth/synthea
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/corpora/tokens.h"
#include "cli/in_process.h"
#include "cli/scratch_directory.h"
#include "store/journal/journal.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kLoaded = "loaded";

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// "Patient/p1" of "http://localhost/fhir/Patient/p1/_history/1"; empty where it is no such thing.
std::string AddressOf(std::string_view location, std::string_view base_url) {
  if (!location.starts_with(base_url) || location.size() <= base_url.size()) return {};
  location.remove_prefix(base_url.size() + 1);
  return std::string(location.substr(0, location.find("/_history")));
}

class Loading {
 public:
  Loading(const InProcess& house, Report& report) : house_(house), report_(report) {}

  Result<Done> Load(const std::string& name, const std::string& text) {
    auto parsed = base::ParseJson(text);
    if (!parsed.ok()) return Unusable(fmt::format("{}: {}", name, Briefly(parsed.error().outcome)));
    const std::vector<JsonValue>& entries = (*parsed)["entry"].items();
    const Clock::time_point start = Clock::now();
    const interaction::Response response = house_.Ask("POST", "", text);
    load_seconds_ += SecondsSince(start);
    bytes_ += text.size();
    const auto answer = base::ParseJson(response.body);
    const bool taken = response.status == 200 && answer.ok() && (*answer)["entry"].items().size() == entries.size();
    std::vector<std::string> addresses;
    for (size_t i = 0; i < entries.size(); ++i) {
      const JsonValue none;
      const JsonValue& status = taken ? (*answer)["entry"].items()[i]["response"] : none;
      addresses.push_back(AddressOf(status.StringAt("location"), house_.services().base_url));
      if (addresses.back().empty()) {
        report_.Fail("load", Id(name, i), taken ? base::WriteJson(status) : Briefly(response), kLoaded);
        continue;
      }
      report_.Pass("load");
      ++loaded_;
      Learn(entries[i], addresses.back());
    }
    ReadBack(name, text, entries, addresses);
    return Done{};
  }

  // counts.json of the corpus: how many of each type there must be now.
  void Count(const JsonValue& counts) {
    for (const auto& [type, wanted] : counts.members()) {
      const interaction::Response response = house_.Ask("GET", type + "?_summary=count", {});
      const auto answer = base::ParseJson(response.body);
      const bool counted = response.status == 200 && answer.ok();
      report_.Check("count", "count " + type, counted ? std::string((*answer)["total"].text()) : Briefly(response), wanted.text());
    }
  }

  uint64_t loaded() const { return loaded_; }
  uint64_t bytes() const { return bytes_; }
  double load_seconds() const { return load_seconds_; }
  double read_seconds() const { return read_seconds_; }

 private:
  static std::string Id(const std::string& name, size_t entry) { return fmt::format("{}#{}", name, entry); }

  // By which names others refer to this entry's resource.
  void Learn(const JsonValue& entry, const std::string& address) {
    links_.emplace(entry.StringAt("fullUrl"), address);
    const JsonValue& resource = entry["resource"];
    for (const JsonValue& identifier : resource["identifier"].items()) {
      links_.emplace(fmt::format("{}?identifier={}|{}", resource.StringAt("resourceType"), identifier.StringAt("system"), identifier.StringAt("value")),
                     address);
    }
  }

  void ReadBack(const std::string& name, const std::string& text, const std::vector<JsonValue>& entries,
                const std::vector<std::string>& addresses) {
    for (size_t i = 0; i < entries.size(); ++i) {
      if (addresses[i].empty()) continue;
      const Clock::time_point start = Clock::now();
      interaction::Response response = house_.Ask("GET", addresses[i], {});
      read_seconds_ += SecondsSince(start);
      if (response.status != 200) {
        report_.Fail("read back", Id(name, i), Briefly(response), kSame);
        continue;
      }
      const JsonValue& resource = entries[i]["resource"];
      auto sent = Tokens::Read(text.substr(resource.begin(), resource.end() - resource.begin()));
      auto got = Tokens::Read(std::move(response.body));
      if (!sent.ok() || !got.ok()) {
        report_.Fail("read back", Id(name, i), "no JSON", kSame);
        continue;
      }
      sent->DropServerMeta();
      got->DropServerMeta();
      sent->SetId(std::string_view(addresses[i]).substr(addresses[i].find('/') + 1));
      sent->MapReferences(links_);
      const Difference difference = FirstDifference(*sent, *got);
      report_.Check("read back", Id(name, i), difference.none() ? kSame : std::string_view(difference.got),
                    difference.none() ? kSame : std::string_view(difference.sent));
    }
  }

  const InProcess& house_;
  Report& report_;
  Links links_;
  uint64_t loaded_ = 0, bytes_ = 0;
  double load_seconds_ = 0, read_seconds_ = 0;
};

// The batches' names sort before the patients', as Synthea numbers them.
std::vector<std::string> BundleNames(const std::string& directory) {
  std::vector<std::string> names = FileNames(directory, ".json.bz2");
  for (std::string& name : FileNames(directory, ".json")) {
    if (name != "counts.json" && name != "queries.json") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<Done> RunSynthea(const Corpus& corpus, Report& report) {
  const std::vector<std::string> names = BundleNames(corpus.directory);
  if (names.empty()) return Unusable(corpus.directory + " holds no Bundles");
  HEYI_TRY(counts, ReadCases(corpus.directory + "/counts.json"));
  HEYI_TRY(scratch, ScratchDirectory::Make());
  HEYI_TRY(house, InProcess::Open(corpus.parameters, scratch.path()));
  Loading loading(*house, report);
  for (const std::string& name : names) {
    HEYI_TRY(text, ReadUnpacked(corpus.directory + "/" + name));
    HEYI_CHECK(loading.Load(name, text));
  }
  loading.Count(counts);
  house.reset();  // closed, so that what the views held back is on the disk too
  const auto loaded = static_cast<double>(std::max<uint64_t>(loading.loaded(), 1));
  report.Note(fmt::format("{} Bundles, {} resources, {:.1f} MB loaded in {:.1f} s: {:.0f} resources/s", names.size(), loading.loaded(),
                          static_cast<double>(loading.bytes()) / 1e6, loading.load_seconds(), loaded / loading.load_seconds()));
  report.Note(fmt::format("read back in {:.1f} s: {:.0f} reads/s", loading.read_seconds(), loaded / loading.read_seconds()));
  uint64_t entries = 0, written = 0;  // the journal's files are zeroed ahead, so what they take is more than what is in them
  HEYI_CHECK(store::VerifyJournal(scratch.path() + "/data/journal", &entries, &written));
  const auto journal = static_cast<double>(AllocatedBytes(scratch.path() + "/data/journal"));
  const auto views = static_cast<double>(AllocatedBytes(scratch.path() + "/data/views"));
  report.Note(fmt::format("on disk {:.0f} bytes a resource: journal {:.0f} ({:.0f} of them written), views {:.0f}; sent {:.0f}",
                          (journal + views) / loaded, journal / loaded, static_cast<double>(written) / loaded, views / loaded,
                          static_cast<double>(loading.bytes()) / loaded));
  return Done{};
}

}  // namespace heyi::cli
