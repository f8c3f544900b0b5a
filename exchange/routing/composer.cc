#include "exchange/routing/composer.h"

#include <fmt/format.h>

#include <list>

#include "exchange/routing/agreements.h"
#include "interaction/url.h"
#include "policy/cutter.h"

namespace heyi::exchange {
namespace {

struct AtHand {
  std::string name;
  fhir::Tree tree;
  uint32_t label = 0;
};

std::string ReferenceTo(const fhir::Tree& tree) { return fmt::format("{}/{}", tree.type()->name, tree.id()); }

// "Organization/1/_history/2" -> "Organization/1"
std::string WithoutVersion(std::string_view reference) { return std::string(reference.substr(0, reference.find("/_history/"))); }

}  // namespace

// One composition.
class Composer::Work {
 public:
  Work(const interaction::Services& services, const mapping::PairMap& map, const RouteRule& rule, const Change& change, const store::Snapshot& snapshot)
      : services_(services), map_(map), rule_(rule), change_(change), snapshot_(snapshot) {}

  base::Result<Composition> Run() {
    HEYI_TRY(record, snapshot_.Version(*rule_.type, change_.id, change_.version));
    if (!record || record->deleted) return std::move(composed_);
    composed_.time_ms = record->time_ms;
    HEYI_TRY(tree, snapshot_.Tree(*record));
    HEYI_TRY(concerned, Holds(tree));
    if (!concerned) return std::move(composed_);
    const policy::Decision decision = MayGo(rule_.type->name, change_.label);
    if (!decision.allowed) return std::move(composed_);  // nothing of theirs
    composed_.policy_row = decision.row;
    at_hand_.push_back({rule_.as, std::move(tree), change_.label});
    HEYI_TRY(complete, Gather());
    if (!complete) return std::move(composed_);
    composed_.order_key = ReferenceTo(at_hand_.front().tree);
    if (rule_.order) {
      HEYI_TRY(order, ReferenceAt(*rule_.order));
      if (!order.empty()) composed_.order_key = order;
    }
    HEYI_TRY(agreed, Agreed());
    if (!agreed) return std::move(composed_);
    HEYI_TRY(message, Message(nullptr));
    if (message && rule_.only_differing) {
      HEYI_TRY(same, SaidBefore(*message));
      if (same) return std::move(composed_);
    }
    composed_.record = std::move(message);
    return std::move(composed_);
  }

 private:
  policy::Decision MayGo(std::string_view type, uint32_t label) const {
    const base::Caller recipient{"heyi", "", rule_.department, "system", "", rule_.purpose};
    return services_.policy.Decide({&recipient, policy::Action::kDeliver, type, static_cast<policy::Custody>(label)});
  }

  void Withhold(std::string_view rule, std::string_view what) {
    if (!composed_.withheld) composed_.withheld = Withheld{std::string(rule), std::string(what)};
  }

  // A condition that cannot be evaluated on this resource is not met.
  base::Result<bool> Holds(const fhir::Tree& tree) const {
    if (!rule_.where) return true;
    const fhir::LocalEvalContext context(composed_.time_ms);
    const auto held = rule_.where->EvaluateCondition(fhir::PathValue::OfNode(tree.root()), context);
    return held.ok() && *held && **held;
  }

  const AtHand* Find(std::string_view name) const {
    for (const AtHand& one : at_hand_) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }

  // "Patient/1" that the place refers to, or that it is; empty where there is none.
  base::Result<std::string> ReferenceAt(const PlacePath& place) const {
    const AtHand* from = Find(place.name);
    if (from == nullptr) return std::string();
    const fhir::LocalEvalContext context(composed_.time_ms);
    const auto found = place.path.Evaluate(from->tree.root(), context);
    if (!found.ok() || found->empty() || !found->front().node()) return std::string();
    const fhir::Node node = found->front().node();
    if (node == from->tree.root()) return ReferenceTo(from->tree);
    return WithoutVersion(node.is_object() ? node.TextAt("reference") : node.text());
  }

  // False where something needed is not there, or may not go.
  base::Result<bool> Gather() {
    for (const GivenResource& given : rule_.given) {
      HEYI_TRY(found, given.reference ? ByReference(given) : BySearch(given));
      if (found && map_.Takes(given.name) && !MayGo(found->tree.type()->name, found->label).allowed) {
        if (given.needed) Withhold("exchange.not-allowed", found->tree.type()->name);
        found.reset();
      }
      if (!found && given.needed) return false;
      if (found) at_hand_.push_back(std::move(*found));
    }
    return true;
  }

  base::Result<std::optional<AtHand>> ByReference(const GivenResource& given) const {
    HEYI_TRY(reference, ReferenceAt(*given.reference));
    const size_t slash = reference.find('/');
    const fhir::Type* type = slash == std::string::npos ? nullptr : services_.definitions().FindResource(reference.substr(0, slash));
    if (type == nullptr) return std::optional<AtHand>();
    HEYI_TRY(record, snapshot_.Current(*type, reference.substr(slash + 1)));
    if (!record || record->deleted) return std::optional<AtHand>();
    HEYI_TRY(tree, snapshot_.Tree(*record));
    return std::optional<AtHand>({given.name, std::move(tree), record->label});
  }

  base::Result<std::optional<AtHand>> BySearch(const GivenResource& given) const {
    auto query = given.query;
    for (auto& [name, value] : query) {
      for (size_t open; (open = value.find('{')) != std::string::npos;) {
        const size_t close = value.find('}', open);
        const AtHand* one = Find(value.substr(open + 1, close - open - 1));
        if (one == nullptr) return std::optional<AtHand>();
        value.replace(open, close - open + 1, ReferenceTo(one->tree));
      }
    }
    HEYI_TRY(request, fhir::ParseSearch(*given.type, query, /*lenient=*/false, *services_.parameters));
    request.count = 1;
    HEYI_TRY(page, snapshot_.Search(request, nullptr, {snapshot_.t(), {}}));
    if (page.hits.empty()) return std::optional<AtHand>();
    HEYI_TRY(tree, snapshot_.Tree(page.hits.front().record));
    return std::optional<AtHand>({given.name, std::move(tree), page.hits.front().record.label});
  }

  base::Result<bool> Agreed() {
    if (rule_.giver.empty()) return true;
    const AtHand *giver = Find(rule_.giver), *receiver = Find(rule_.receiver);
    composed_.parties = fmt::format("{},{}", giver == nullptr ? "-" : ReferenceTo(giver->tree), receiver == nullptr ? "-" : ReferenceTo(receiver->tree));
    if (giver != nullptr && receiver != nullptr && giver->tree.id() == receiver->tree.id()) return true;  // its own
    if (giver != nullptr && receiver != nullptr) {
      HEYI_TRY(contract, FindAgreement(snapshot_, *services_.parameters, ReferenceTo(giver->tree), ReferenceTo(receiver->tree), rule_.purpose, composed_.time_ms));
      if (contract) {
        composed_.contract = *contract;
        return true;
      }
    }
    Withhold("exchange.no-agreement", composed_.parties);
    return false;
  }

  // The record of what is at hand, cut; `instead` in the place of the changed resource where there is one. Null where it
  // cannot be made, which is withheld unless it is about `instead`.
  base::Result<std::optional<base::JsonValue>> Message(const fhir::Tree* instead) {
    std::list<policy::Released> cut;
    std::vector<std::pair<std::string, fhir::Node>> nodes;
    for (const AtHand& one : at_hand_) {
      if (!map_.Takes(one.name)) continue;
      auto released = policy::Release(*rule_.profile, &one == &at_hand_.front() && instead != nullptr ? *instead : one.tree);
      if (!released.ok()) {
        const base::Issue& why = released.error().outcome.issues().front();
        if (instead == nullptr) Withhold(why.rule, one.tree.type()->name);
        return std::optional<base::JsonValue>();
      }
      cut.push_back(std::move(*released));
      nodes.emplace_back(one.name, cut.back().tree.root());
    }
    base::Outcome outcome;
    HEYI_TRY(record, map_.ToRecord(nodes, outcome));
    if (outcome.HasErrors()) {
      if (instead == nullptr) Withhold("exchange.not-composed", outcome.issues().front().rule + " " + outcome.issues().front().expression);
      return std::optional<base::JsonValue>();
    }
    return std::optional<base::JsonValue>(std::move(record));
  }

  // Would the version before have said the same?
  base::Result<bool> SaidBefore(const base::JsonValue& message) {
    if (change_.version < 2) return false;
    HEYI_TRY(record, snapshot_.Version(*rule_.type, change_.id, change_.version - 1));
    if (!record || record->deleted) return false;
    HEYI_TRY(before, snapshot_.Tree(*record));
    HEYI_TRY(concerned, Holds(before));
    if (!concerned) return false;
    HEYI_TRY(said, Message(&before));
    return said && base::WriteJson(*said) == base::WriteJson(message);
  }

  const interaction::Services& services_;
  const mapping::PairMap& map_;
  const RouteRule& rule_;
  const Change& change_;
  const store::Snapshot& snapshot_;
  Composition composed_;
  std::vector<AtHand> at_hand_;
};

base::Result<Composition> Composer::Compose(const RouteRule& rule, const Change& change, const store::Snapshot& snapshot) const {
  const auto in_force = maps_.Current();  // to the end of this message
  const mapping::PairMap* map = in_force->Find(rule.department, rule.message);
  if (map == nullptr) {  // taken out of force since the routes were read
    Composition without;
    without.withheld = Withheld{"exchange.not-composed", "exchange.no-map"};
    return without;
  }
  auto composed = Work(services_, *map, rule, change, snapshot).Run();
  const bool passing = !composed.ok() && (composed.error().kind == base::ErrorKind::kUnavailable || composed.error().kind == base::ErrorKind::kStale);
  if (composed.ok() || passing) return composed;
  // What cannot be composed now cannot be the next time: a search over too much, a body that is gone. The feed goes on.
  Composition costly;
  costly.withheld = Withheld{"exchange.not-composed", composed.error().outcome.issues().front().rule};
  return costly;
}

}  // namespace heyi::exchange
