#include "exchange/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/log.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kFollowerSpace = "follower";
constexpr std::string_view kCursorKey = "router";

// What is told to whom: a change of `type` goes to `department` as `message`.
struct RouteRow {
  std::string_view department, type, message;
};
constexpr RouteRow kRoutes[] = {
    {"civil-affairs", "Task", "BED_REFERRAL"},
    {"civil-affairs", "Location", "BED"},
};

std::string_view MessageFor(std::string_view department, std::string_view type) {
  for (const RouteRow& row : kRoutes) {
    if (row.department == department && row.type == type) return row.message;
  }
  return {};
}

// Is there anybody who is told of changes of this type?
bool IsTold(std::string_view type) {
  return std::any_of(std::begin(kRoutes), std::end(kRoutes), [type](const RouteRow& row) { return row.type == type; });
}

uint64_t ParseCursor(const std::optional<std::string>& text) { return text ? std::strtoull(text->c_str(), nullptr, 10) : 0; }

base::Result<std::optional<fhir::Tree>> ReadReferenced(const store::Snapshot& snapshot, const fhir::Definitions& definitions, std::string_view reference) {
  const size_t slash = reference.find('/');
  if (slash == std::string_view::npos) return std::optional<fhir::Tree>();
  const fhir::Type* type = definitions.FindResource(reference.substr(0, slash));
  if (type == nullptr) return std::optional<fhir::Tree>();
  HEYI_TRY(record, snapshot.Current(*type, reference.substr(slash + 1)));
  if (!record || record->deleted) return std::optional<fhir::Tree>();
  HEYI_TRY(tree, snapshot.Tree(*record));
  return std::optional<fhir::Tree>(std::move(tree));
}

std::string ReferenceAt(fhir::Node root, std::string_view member) {
  fhir::Node node = root.Member(member);
  if (node && node.is_array()) node = node.first_child();
  return node ? std::string(node.TextAt("reference")) : "";
}

}  // namespace

base::Result<uint64_t> Router::Advance(size_t entries_max) {
  std::fill(added_.begin(), added_.end(), 0);
  const auto snapshot = services_.store.Now();
  HEYI_TRY(cursor_fact, snapshot->Fact(kFollowerSpace, kCursorKey));
  const uint64_t cursor = ParseCursor(cursor_fact);
  uint64_t reached = std::max(cursor, reached_);
  size_t seen = 0;
  std::vector<store::Fact> rows;
  const auto route_entry = [&](const store::EntryView& entry) -> base::Result<bool> {
    if (entry.t > snapshot->t() || seen++ == entries_max) return false;
    reached = entry.t;
    std::vector<Change> changes;
    for (const store::BodyView& body : entry.bodies) {
      if (!body.deleted && IsTold(body.type)) changes.push_back({std::string(body.type), std::string(body.id), body.version, body.label});
    }
    if (changes.empty()) return true;
    HEYI_TRY(leaf, audit::DecodeLeaf(entry.leaf));
    HEYI_CHECK(RouteEntry(entry.t, leaf, changes, rows));
    return true;
  };
  HEYI_CHECK(services_.store.Follow(reached + 1, route_entry));
  // A cursor moved for its own commits alone would chase itself for ever: it stays until there is something to tell, or
  // enough has passed to make the next start long.
  constexpr uint64_t kIdleStep = 1'000;
  if (rows.empty() && reached - cursor < kIdleStep) {
    reached_ = reached;
    return reached;
  }
  store::CommitDraft draft;
  draft.facts = std::move(rows);
  draft.facts.push_back({std::string(kFollowerSpace), std::string(kCursorKey), std::to_string(reached)});
  draft.fact_conditions.push_back({std::string(kFollowerSpace), std::string(kCursorKey), cursor_fact});
  auto receipt = services_.store.CommitAndWait(std::move(draft));
  if (!receipt.ok()) {
    std::fill(added_.begin(), added_.end(), 0);
    return std::move(receipt).error();
  }
  reached_ = reached;
  return reached;
}

base::Result<base::Done> Router::RouteEntry(uint64_t t, const audit::Leaf& leaf, const std::vector<Change>& changes, std::vector<store::Fact>& out) {
  const auto snapshot = services_.store.Now();
  size_t position = 0;
  for (size_t i = 0; i < options_.routes.size(); ++i) {
    const Route& route = options_.routes[i];
    // A department knows what it has just told us itself.
    if (leaf.interaction == "message" && leaf.caller.department == route.department) continue;
    for (const Change& change : changes) {
      if (MessageFor(route.department, change.type).empty()) continue;
      HEYI_TRY(row, Compose(route, change, *snapshot, t, position));
      if (!row) continue;
      out.push_back({std::string(kOutboxSpace), OutboxKey(route.name, {t, static_cast<uint32_t>(position++)}), EncodeOutboxRow(*row)});
      ++added_[i];
    }
  }
  return base::Done{};
}

base::Result<std::optional<OutboxRow>> Router::Compose(const Route& route, const Change& change, const store::Snapshot& snapshot, uint64_t t,
                                                       size_t position) {
  const fhir::Definitions& definitions = services_.definitions();
  const fhir::Type& type = *definitions.FindResource(change.type);
  const base::Caller recipient{"heyi", "", route.department, "system", "", "COC"};
  const policy::Decision decision =
      services_.policy.Decide({&recipient, policy::Action::kDeliver, type.name, static_cast<policy::Custody>(change.label)});
  if (!decision.allowed) return std::optional<OutboxRow>();
  const std::string_view message_type = MessageFor(route.department, change.type);
  const auto maps = maps_.Current();
  const mapping::PairMap* map = maps->Find(route.department, message_type);
  const adapters::Adapter* adapter = adapters::AdapterOf(route.department);
  if (map == nullptr || adapter == nullptr) return std::optional<OutboxRow>();

  HEYI_TRY(record, snapshot.Version(type, change.id, change.version));
  if (!record || record->deleted) return std::optional<OutboxRow>();
  HEYI_TRY(changed, snapshot.Tree(*record));
  std::vector<std::pair<std::string, fhir::Tree>> trees;
  std::string order_key = change.type + "/" + change.id;
  if (change.type == "Task") {
    HEYI_TRY(request, ReadReferenced(snapshot, definitions, ReferenceAt(changed.root(), "focus")));
    if (!request || request->type()->name != "ServiceRequest") return std::optional<OutboxRow>();  // no referral
    order_key = ReferenceAt(changed.root(), "for");
    // Every party of the request, under the names that the map knows them by.
    for (const auto& [name, member] : {std::pair("patient", "subject"), std::pair("requester", "requester"), std::pair("performer", "performer")}) {
      HEYI_TRY(party, ReadReferenced(snapshot, definitions, ReferenceAt(request->root(), member)));
      if (party) trees.emplace_back(name, std::move(*party));
    }
    trees.emplace_back("request", std::move(*request));
    trees.emplace_back("task", std::move(changed));
  } else {
    HEYI_TRY(organization, ReadReferenced(snapshot, definitions, ReferenceAt(changed.root(), "managingOrganization")));
    if (organization) trees.emplace_back("organization", std::move(*organization));
    trees.emplace_back("bed", std::move(changed));
  }
  std::vector<std::pair<std::string, fhir::Node>> nodes;
  for (const auto& [name, tree] : trees) nodes.emplace_back(name, tree.root());
  base::Outcome outcome;
  HEYI_TRY(message, map->ToRecord(nodes, outcome));
  if (outcome.HasErrors()) {
    base::Log(base::LogLevel::kWarning, "exchange.not-composed", {{"resource", order_key}, {"rule", outcome.issues().front().rule}});
    return std::optional<OutboxRow>();
  }
  OutboxRow row;
  row.channel = route.name;
  row.department = route.department;
  row.order_key = order_key;
  row.message_type = message_type;
  row.message_id = MessageIdOf({t, static_cast<uint32_t>(position)});
  row.text = adapter->Write({std::string(message_type), row.message_id, options_.hub_code, options_.area_code, record->time_ms, std::move(message)});
  row.resource = fmt::format("{}/{}/_history/{}", change.type, change.id, change.version);
  row.elder = order_key.starts_with("Patient/") ? base::Hash64(order_key) : 0;
  row.policy_row = decision.row;
  const auto custody = static_cast<policy::Custody>(change.label);
  if (custody != policy::Custody::kNone) row.custody = policy::CustodyName(custody);
  row.made_ms = record->time_ms;
  return std::optional<OutboxRow>(std::move(row));
}

}  // namespace heyi::exchange
