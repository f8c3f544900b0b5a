// Search cases ported from two other servers: resources, then paths with what each must find. A suite's resources are
// told from all others by a tag of its own, or stand alone in an empty server. https://hl7.org/fhir/R4/search.html
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/in_process.h"
#include "cli/scratch_directory.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;

constexpr std::string_view kTagSystem = "urn:heyi:corpora";
constexpr int kPagesMax = 20;

// Paths stand in the cases as a reader would write them: nothing is percent-encoded.
interaction::Request PlainRequest(std::string_view path) {
  interaction::Request request;
  request.method = "GET";
  const size_t mark = path.find('?');
  for (std::string_view part : base::Split(path.substr(0, mark), '/')) {
    if (!part.empty()) request.segments.emplace_back(part);
  }
  if (mark == std::string_view::npos) return request;
  request.query_text = path.substr(mark + 1);
  for (std::string_view part : base::Split(request.query_text, '&')) {
    const size_t equals = part.find('=');
    request.query.emplace_back(part.substr(0, equals), equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
  }
  return request;
}

void AddTag(JsonValue& resource, std::string_view code) {
  JsonValue tag = JsonValue::Object();
  tag.Set("system", JsonValue::OfString(kTagSystem));
  tag.Set("code", JsonValue::OfString(code));
  if (resource.Find("meta") == nullptr) resource.Set("meta", JsonValue::Object());
  JsonValue& meta = *resource.Find("meta");
  if (meta.Find("tag") == nullptr) meta.Set("tag", JsonValue::Array());
  meta.Find("tag")->Append(std::move(tag));
}

std::string Joined(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return "[" + text + "]";
}

// What a search answered, all its pages together.
struct Found {
  std::string refusal;                 // empty where it was answered
  std::string total;                   // empty where the Bundle has none
  std::vector<std::string> matches;    // "Patient/p1"
  size_t entries = 0;                  // includes too
};

class Suite {
 public:
  Suite(const InProcess& house, Report& report, const JsonValue& suite)
      : house_(house), report_(report), suite_(suite), by_tag_(suite.StringAt("isolate") == "_tag") {
    tag_ = base::UuidV7(house.context().clock.NowMs(), house.context().random);
  }

  void Run() {
    const std::vector<JsonValue>& resources = suite_["resources"].items();
    for (size_t i = 0; i < resources.size(); ++i) Load(i, resources[i]);
    for (const JsonValue& one : suite_["cases"].items()) RunCase(one);
  }

 private:
  void Load(size_t number, JsonValue resource) {
    const std::string type(resource.StringAt("resourceType"));
    const std::string id(resource.StringAt("id"));
    if (by_tag_) AddTag(resource, tag_);
    const bool put = !by_tag_ && !id.empty();
    const interaction::Response response =
        put ? house_.Ask("PUT", fmt::format("{}/{}", type, id), base::WriteJson(resource)) : house_.Ask("POST", type, base::WriteJson(resource));
    if (response.status != 201 && response.status != 200) {
      report_.Note(fmt::format("{}: resource {} was refused, {}", suite_.StringAt("suite"), number, Briefly(response)));
      return;
    }
    const std::string address = response.location.substr(house_.services().base_url.size() + 1);
    numbers_[address.substr(0, address.find("/_history"))] = fmt::format("{}", number);
  }

  void RunCase(const JsonValue& one) {
    interaction::Request request = PlainRequest(one.StringAt("path"));
    if (by_tag_) request.query.emplace_back("_tag", fmt::format("{}|{}", kTagSystem, tag_));
    if (one.Find("expectTotal") != nullptr) request.query.emplace_back("_total", "accurate");  // else a server may leave it out
    const Found found = Search(std::move(request));
    const std::string id = fmt::format("{} {}", one.StringAt("id"), one.StringAt("path"));
    if (one.Find("expectStatus") != nullptr) {
      const std::string status = found.refusal.empty() ? "200" : found.refusal.substr(0, found.refusal.find(' '));
      report_.Check(one.StringAt("tier"), id, status, one.StringAt("expectStatus"));
      return;
    }
    std::string wanted, got = found.refusal;
    if (const JsonValue* total = one.Find("expectTotal")) {
      wanted = "total " + total->text();
      if (got.empty()) got = "total " + found.total;
    }
    if (const JsonValue* entries = one.Find("expectEntries")) {
      wanted += ", entries " + entries->text();
      if (found.refusal.empty()) got += fmt::format(", entries {}", found.entries);
    }
    if (const JsonValue* expect = one.Find("expect")) {
      std::vector<std::string> numbers;
      for (const JsonValue& number : expect->items()) numbers.push_back(number.text());
      wanted = Joined(std::move(numbers));
      if (got.empty()) got = Joined(Numbers(found.matches));
    }
    report_.Check(one.StringAt("tier"), id, got, wanted);
  }

  Found Search(interaction::Request request) const {
    Found found;
    for (int page = 0; page < kPagesMax; ++page) {
      const interaction::Response response = house_.Ask(std::move(request));
      auto bundle = base::ParseJson(response.body);
      if (response.status != 200 || !bundle.ok()) {
        found.refusal = Briefly(response);
        return found;
      }
      found.total = (*bundle)["total"].text();
      for (const JsonValue& entry : (*bundle)["entry"].items()) {
        const std::string_view mode = entry["search"].StringAt("mode");
        const JsonValue& resource = entry["resource"];
        if (mode == "match") found.matches.push_back(fmt::format("{}/{}", resource.StringAt("resourceType"), resource.StringAt("id")));
        if (mode != "outcome") ++found.entries;
      }
      std::string next;
      for (const JsonValue& link : (*bundle)["link"].items()) {
        if (link.StringAt("relation") == "next") next = link.StringAt("url");
      }
      if (next.empty()) return found;
      auto following = MakeRequest("GET", next.substr(house_.services().base_url.size() + 1), {});
      if (!following.ok()) {
        found.refusal = "a next link that is no address: " + next;
        return found;
      }
      request = std::move(*following);
    }
    found.refusal = fmt::format("more than {} pages", kPagesMax);
    return found;
  }

  std::vector<std::string> Numbers(const std::vector<std::string>& addresses) const {
    std::vector<std::string> numbers;
    for (const std::string& address : addresses) {
      const auto known = numbers_.find(address);
      numbers.push_back(known == numbers_.end() ? address : known->second);
    }
    return numbers;
  }

  const InProcess& house_;
  Report& report_;
  const JsonValue& suite_;
  const bool by_tag_;
  std::string tag_;
  std::map<std::string, std::string> numbers_;  // "Patient/p1" -> which of the suite's resources it is
};

}  // namespace

Result<Done> RunSearchCases(const Corpus& corpus, Report& report) {
  const std::vector<std::string> names = FileNames(corpus.directory, ".json");
  if (names.empty()) return Unusable(corpus.directory + " holds no suites");
  // The cases are of servers at home in UTC; a date without a zone is of theirs.
  HEYI_TRY(in_utc, fhir::SearchParameters::Compile(corpus.parameters->shared_definitions(), 0));
  HEYI_TRY(scratch, ScratchDirectory::Make());
  HEYI_TRY(shared, InProcess::Open(in_utc, scratch.path()));
  for (const std::string& name : names) {
    HEYI_TRY(suite, ReadCases(corpus.directory + "/" + name));
    if (suite.StringAt("isolate") == "_tag") {
      Suite(*shared, report, suite).Run();
      continue;
    }
    HEYI_TRY(own_scratch, ScratchDirectory::Make());
    HEYI_TRY(own, InProcess::Open(in_utc, own_scratch.path()));
    Suite(*own, report, suite).Run();
  }
  return Done{};
}

}  // namespace heyi::cli
