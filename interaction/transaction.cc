// transaction: all entries or none, as one journal entry. Deletes, then creates, then updates and patches, then reads.
// https://hl7.org/fhir/R4/http.html#trules
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>

#include "fhir/json/write.h"
#include "interaction/access.h"
#include "interaction/body.h"
#include "interaction/bundle.h"
#include "interaction/conditional.h"
#include "interaction/dispatch.h"
#include "interaction/limits.h"
#include "interaction/operations.h"
#include "interaction/patch.h"
#include "interaction/preconditions.h"
#include "interaction/references.h"
#include "interaction/status.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

int ProcessingRank(const Request& request) {
  if (request.method == "DELETE") return 0;
  if (request.method == "POST") return request.segments.back().starts_with('$') ? 3 : 1;
  if (request.method == "PUT" || request.method == "PATCH") return 2;
  return 4;
}

// What an entry has come to while the plan is made; its answer is rendered after the commit.
struct Outcome {
  int status = 200;
  Plan::Put put;                    // type null: no version to tell of
  std::string operation_json;
  bool read = false;                // answered from the snapshot after the commit
};

class Run {
 public:
  Run(Call& call, std::vector<BundleEntry> entries)
      : call_(call), entries_(std::move(entries)), outcomes_(entries_.size()), plan_(call.services, call.context) {}

  base::Result<Step> Make() {
    HEYI_CHECK(GiveIds());
    HEYI_CHECK(RewriteAll());
    std::vector<size_t> order(entries_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return ProcessingRank(entries_[a].request) < ProcessingRank(entries_[b].request); });
    for (size_t i : order) {
      if (auto done = Process(i); !done.ok()) return At(entries_[i], std::move(done).error());
    }
    return Finish();
  }

 private:
  // The entry's place in front of whatever place the issue names inside the resource.
  static Error At(const BundleEntry& entry, Error error) {
    base::Outcome placed;
    for (base::Issue issue : error.outcome.issues()) {
      if (!issue.expression.starts_with("Bundle.")) {
        const size_t dot = issue.expression.find('.');
        issue.expression = entry.expression() + (dot == std::string::npos ? "" : ".resource" + issue.expression.substr(dot));
      }
      placed.Add(std::move(issue));
    }
    return Error(error.kind, std::move(placed));
  }

  Error Bad(const BundleEntry& entry, std::string_view rule, std::string_view detail) const {
    return Error(ErrorKind::kMalformed, rule, entry.expression(), detail);
  }

  // Every entry that writes gets its type and id first, so that links can point forwards and in circles.
  base::Result<base::Done> GiveIds() {
    std::set<std::pair<const fhir::Type*, std::string>> targets;
    for (BundleEntry& entry : entries_) {
      Request& request = entry.request;
      const std::string& head = request.segments.front();
      const bool operation = request.segments.back().starts_with('$');
      const fhir::Type* type = operation && head.starts_with('$') ? nullptr : call_.services.definitions().FindResource(head);
      if (type == nullptr && !operation) {
        return Error(ErrorKind::kNotFound, "interaction.unknown-type", entry.expression(), head);
      }
      types_.push_back(type);
      std::string id = request.segments.size() > 1 && !operation ? request.segments[1] : "";
      if (request.method == "POST" && !operation) {
        if (request.segments.size() != 1) return Bad(entry, "interaction.entry-url", head);
        if (!request.resource) return Bad(entry, "interaction.body-missing", {});
        if (!request.if_none_exist.empty()) {
          HEYI_TRY(existing, MatchForCreate(plan_, *type, request.if_none_exist));
          if (existing) {
            id = *existing;
            existing_.insert(entry.position);
          }
        }
        if (id.empty()) id = plan_.NewId();
      }
      const bool by_criteria = request.segments.size() == 1 && !request.query.empty();
      if (request.method == "PUT" && by_criteria) {
        if (!request.resource) return Bad(entry, "interaction.body-missing", {});
        if (request.resource->type() != type) return Bad(entry, "interaction.type-mismatch", request.resource->type()->name);
        HEYI_TRY(target, IdForUpdate(plan_, *request.resource, request.query));
        SetId(*request.resource, target);
        id = target;
      }
      if (request.method == "DELETE" && !operation && id.empty()) {
        HEYI_TRY(target, MatchOne(plan_, *type, request.query));
        if (!target) nothing_.insert(entry.position);
        id = target.value_or("");
      }
      if (request.method == "PATCH" && id.empty()) {
        HEYI_TRY(target, MatchOne(plan_, *type, request.query));
        if (!target) return Error(ErrorKind::kNotFound, "interaction.no-match", entry.expression(), head);
        id = *target;
      }
      const bool names_one = request.method == "PUT" || request.method == "PATCH";
      if (names_one && (id.empty() || !base::IsFhirId(id))) return Bad(entry, "interaction.id-format", id);
      const bool writes = !request.reads_only() && !operation && !existing_.contains(entry.position) && !nothing_.contains(entry.position);
      if (writes && !targets.emplace(type, id).second) return Bad(entry, "interaction.duplicate-target", fmt::format("{}/{}", head, id));
      if (!entry.full_url.empty() && !id.empty()) {
        if (!links_.emplace(entry.full_url, fmt::format("{}/{}", head, id)).second) {
          return Bad(entry, "interaction.duplicate-full-url", entry.full_url);
        }
      }
      ids_.push_back(std::move(id));
    }
    return base::Done{};
  }

  base::Result<base::Done> RewriteAll() {
    for (BundleEntry& entry : entries_) {
      if (!entry.request.resource) continue;
      const auto rewrite = [&](fhir::Node value, bool is_reference) -> base::Result<std::optional<std::string>> {
        const std::string_view text = value.text();
        const size_t hash = text.find('#');
        if (auto known = links_.find(std::string(text.substr(0, hash))); known != links_.end() && hash != 0) {
          return std::optional<std::string>(known->second + std::string(hash == std::string_view::npos ? "" : text.substr(hash)));
        }
        if (!is_reference) return std::optional<std::string>();
        if (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) {
          return Error(ErrorKind::kMalformed, "interaction.unresolved", entry.expression() + ".resource", text);
        }
        if (const size_t mark = text.find('?'); mark != std::string_view::npos && text.find(':') > mark) {
          HEYI_TRY(resolved, ResolveConditional(entry, text, mark));
          return std::optional<std::string>(resolved);
        }
        return std::optional<std::string>();
      };
      HEYI_CHECK(RewriteLinks(*entry.request.resource, rewrite));
    }
    return base::Done{};
  }

  // "Patient?identifier=…" -> "Patient/p1", when exactly one matches, stored or created here.
  base::Result<std::string> ResolveConditional(const BundleEntry& entry, std::string_view text, size_t mark) {
    const Error none(ErrorKind::kInvalid, "interaction.conditional-reference", entry.expression() + ".resource", text);
    const fhir::Type* type = call_.services.definitions().FindResource(text.substr(0, mark));
    if (type == nullptr) return none;
    auto search = ParseCriteria(plan_, *type, text.substr(mark + 1));
    if (!search.ok()) return none;
    HEYI_TRY(ids, plan_.Match(*type, search->criteria, kConditionalMatchesSeen));
    for (const BundleEntry& other : entries_) {
      const size_t at = other.position;
      const bool creates = other.request.method == "POST" || other.request.method == "PUT";
      if (!creates || types_[at] != type || !other.request.resource || existing_.contains(at)) continue;
      const bool already = std::find(ids.begin(), ids.end(), ids_[at]) != ids.end();
      if (!already && fhir::Matches(*other.request.resource, ids_[at], call_.context.clock.NowMs(), search->criteria)) ids.push_back(ids_[at]);
    }
    if (ids.size() != 1) return none;
    plan_.RequireUnchanged(*type, search->criteria);
    return fmt::format("{}/{}", type->name, ids.front());
  }

  base::Result<base::Done> Process(size_t at) {
    BundleEntry& entry = entries_[at];
    Request& request = entry.request;
    if (request.reads_only()) {
      if (++reads_ > kBatchSearchesMax) return Error(ErrorKind::kTooLarge, "interaction.bundle-size", entry.expression(), "200");
      outcomes_[at].read = true;
      return base::Done{};
    }
    if (request.segments.back().starts_with('$')) return ProcessOperation(at);
    if (nothing_.contains(at)) {
      outcomes_[at].status = 204;
      return base::Done{};
    }
    const fhir::Type& type = *types_[at];
    if (existing_.contains(at)) {
      HEYI_TRY(current, plan_.snapshot().Current(type, ids_[at]));
      outcomes_[at].put = {&type, ids_[at], current ? current->version : 0, false};
      return base::Done{};
    }
    if (request.method == "PATCH") return ProcessPatch(at);
    HEYI_TRY(current, plan_.snapshot().Current(type, ids_[at]));
    const uint64_t version = current && !current->deleted ? current->version : 0;
    HEYI_CHECK(CheckIfMatch(request, version));
    if (request.method == "DELETE") {
      HEYI_TRY(deleted, plan_.Delete(type, ids_[at]));
      outcomes_[at].status = 204;
      if (deleted) outcomes_[at].put = *deleted;
      return base::Done{};
    }
    if (!request.resource) return Bad(entry, "interaction.body-missing", {});
    if (request.resource->type() != &type) return Bad(entry, "interaction.type-mismatch", request.resource->type()->name);
    if (request.method == "PUT") {
      if (request.resource->id() != ids_[at]) return Bad(entry, "interaction.id-mismatch", ids_[at]);
    } else {
      SetId(*request.resource, ids_[at]);
    }
    HEYI_TRY(put, plan_.Write(std::move(*request.resource)));
    outcomes_[at].put = put;
    outcomes_[at].status = put.created ? 201 : 200;
    return base::Done{};
  }

  base::Result<base::Done> ProcessPatch(size_t at) {
    audit::Leaf unused;
    HEYI_CHECK(RequireType(call_.services, call_.context.caller, policy::Action::kUpdate, types_[at]->name, unused));
    HEYI_TRY(tree, Patched(plan_, *types_[at], ids_[at], entries_[at].request));
    // A patch in a Binary could not be rewritten before it was applied.
    HEYI_CHECK(RewriteLinks(tree, [&](fhir::Node value, bool) -> base::Result<std::optional<std::string>> {
      const auto known = links_.find(std::string(value.text()));
      return known == links_.end() ? std::optional<std::string>() : std::optional<std::string>(known->second);
    }));
    HEYI_TRY(put, plan_.Write(std::move(tree)));
    outcomes_[at].put = put;
    return base::Done{};
  }

  base::Result<base::Done> ProcessOperation(size_t at) {
    BundleEntry& entry = entries_[at];
    const std::vector<std::string>& segments = entry.request.segments;
    const fhir::Type* type = types_[at];
    const Level level = type == nullptr ? Level::kSystem : segments.size() == 2 ? Level::kType : Level::kInstance;
    const Operation* operation = call_.services.operations.Find(std::string_view(segments.back()).substr(1), type, level);
    if (operation == nullptr) return Error(ErrorKind::kNotFound, "interaction.unknown-operation", entry.expression(), segments.back());
    audit::Leaf unused;
    HEYI_CHECK(RequireType(call_.services, call_.context.caller, policy::Action::kOperate, segments.back(), unused));
    OperationCall operation_call;
    operation_call.type = type;
    operation_call.id = level == Level::kInstance ? segments[1] : "";
    operation_call.parameters = entry.request.resource ? &*entry.request.resource : nullptr;
    operation_call.query = entry.request.query;
    std::optional<base::JsonValue> json;
    if (entry.request.resource && operation->takes_json()) {
      HEYI_TRY(read, base::ParseJson(fhir::WriteJson(*entry.request.resource)));
      operation_call.json = &json.emplace(std::move(read));
    }
    const Plan::EffectScope effects(plan_);
    HEYI_TRY(answer, operation->Run(plan_, operation_call));
    outcomes_[at].status = answer.status;
    outcomes_[at].operation_json = std::move(answer.json);
    if (answer.written) {
      outcomes_[at].put = *answer.written;
      outcomes_[at].status = answer.written->created ? 201 : 200;
    }
    return base::Done{};
  }

  base::Result<Step> Finish() {
    audit::Leaf leaf = StartLeaf(call_.context, call_.request, "transaction", audit::Action::kExecute);
    HEYI_TRY(draft, std::move(plan_).Finish(leaf));
    leaf.status = 200;
    auto after = std::make_shared<After>(After{call_.services, call_.context, std::move(entries_), std::move(outcomes_), std::move(types_),
                                               std::move(ids_), call_.request.prefer_return});
    return Step(Pending{std::move(draft), [after, leaf = std::move(leaf)](const store::CommitReceipt& receipt) {
                          return after->Render(receipt, leaf);
                        }});
  }

  // What is left to do when the commit is durable.
  struct After {
    const Services& services;
    base::Context context;
    std::vector<BundleEntry> entries;
    std::vector<Outcome> outcomes;
    std::vector<const fhir::Type*> types;
    std::vector<std::string> ids;
    ReturnPreference preference;

    Response Render(const store::CommitReceipt& receipt, const audit::Leaf& leaf) {
      const auto snapshot = services.store.Now();
      std::vector<std::string> answers;
      for (size_t i = 0; i < entries.size(); ++i) answers.push_back(RenderEntry(i, receipt, *snapshot));
      Response response;
      response.body = ResponseBundleJson("transaction-response", answers);
      response.leaf = leaf;
      response.leaf_recorded = true;
      return response;
    }

    std::string RenderEntry(size_t i, const store::CommitReceipt& receipt, const store::Snapshot& snapshot) {
      const Outcome& outcome = outcomes[i];
      if (outcome.read) {
        Step step = Perform(services, context, entries[i].request);
        Response* answer = std::get_if<Response>(&step);
        return EntryJson(answer != nullptr ? *answer : Response{}, /*with_body=*/true);
      }
      Response response;
      response.status = outcome.status;
      response.body = outcome.operation_json;
      if (outcome.put.type != nullptr) {
        response.etag = EntityTag(outcome.put.version);
        response.last_modified_ms = receipt.time_ms;
        if (outcome.status != 204) response.location = LocationOf(services, *outcome.put.type, outcome.put.id, outcome.put.version);
        if (preference == ReturnPreference::kRepresentation && outcome.status != 204) {
          const auto record = snapshot.Version(*outcome.put.type, outcome.put.id, outcome.put.version);
          if (record.ok() && *record) {
            if (auto json = snapshot.Json(**record); json.ok()) response.body = std::move(*json);
          }
        }
      }
      return EntryJson(response, /*with_body=*/true);
    }
  };

  Call& call_;
  std::vector<BundleEntry> entries_;
  std::vector<Outcome> outcomes_;
  std::vector<const fhir::Type*> types_;
  std::vector<std::string> ids_;                       // by position; of the resource an entry writes or matches
  std::set<size_t> existing_;                          // conditional creates that found one
  std::set<size_t> nothing_;                           // conditional deletes that found none
  std::unordered_map<std::string, std::string> links_; // fullUrl -> Type/id
  Plan plan_;
  size_t reads_ = 0;
};

}  // namespace

base::Result<Step> Transaction(Call& call, std::vector<BundleEntry> entries) { return Run(call, std::move(entries)).Make(); }

}  // namespace heyi::interaction
