#include "exchange/subscription/topics.h"

#include <algorithm>

#include "base/text.h"
#include "exchange/subscription/limits.h"
#include "interaction/url.h"

namespace heyi::exchange {
namespace {

constexpr unsigned kMadeOrChanged =
    static_cast<unsigned>(ChangeKind::kCreate) | static_cast<unsigned>(ChangeKind::kUpdate);
constexpr unsigned kAnyChange = kMadeOrChanged | static_cast<unsigned>(ChangeKind::kDelete);

constexpr std::pair<std::string_view, ChangeKind> kChangeNames[] = {
    {"create", ChangeKind::kCreate}, {"update", ChangeKind::kUpdate}, {"delete", ChangeKind::kDelete}};

// What a topic's expression sees of a change.
class ChangeContext : public fhir::LocalEvalContext {
 public:
  explicit ChangeContext(const ResourceChange& change) : LocalEvalContext(change.time_ms) {
    if (change.current != nullptr) current_.push_back(fhir::PathValue::OfNode(change.current->root()));
    if (change.previous != nullptr) previous_.push_back(fhir::PathValue::OfNode(change.previous->root()));
  }
  const fhir::Collection* Variable(std::string_view name) const override {
    return name == "current" ? &current_ : name == "previous" ? &previous_ : nullptr;
  }

 private:
  fhir::Collection current_, previous_;
};

bool Fires(const TopicTrigger& trigger, const ResourceChange& change) {
  if (trigger.type != change.type || (trigger.changes & static_cast<unsigned>(change.kind)) == 0) return false;
  const fhir::Tree* judged = change.judged();
  if (judged == nullptr || !fhir::Matches(*judged, change.id, change.time_ms, trigger.criteria)) return false;
  if (!trigger.path) return true;
  fhir::EvalLimits limits;
  limits.steps_max = kSubscriptionPathSteps;
  const auto holds =
      trigger.path->EvaluateCondition(fhir::PathValue::OfNode(judged->root()), ChangeContext(change), limits);
  return holds.ok() && holds->value_or(false);
}

}  // namespace

std::string_view ChangeName(ChangeKind kind) {
  for (const auto& [name, one] : kChangeNames) {
    if (one == kind) return name;
  }
  return {};
}

std::optional<ChangeKind> ChangeKindOf(std::string_view name) {
  for (const auto& [one, kind] : kChangeNames) {
    if (one == name) return kind;
  }
  return std::nullopt;
}

const std::vector<TopicRow>& Topics::DistrictRows() {
  // `!~` and not `!=`: a value that comes or goes is a change, too.
  static const std::vector<TopicRow> rows = {
      {"https://heyi.example/fhir/topic/referral-task", "Task", kMadeOrChanged, "",
       "%current.focus.reference.contains('ServiceRequest/') and (%previous.empty() or "
       "%current.status !~ %previous.status or %current.businessStatus !~ %previous.businessStatus or "
       "%current.owner.reference !~ %previous.owner.reference or "
       "%current.output.count() != %previous.output.count())",
       "_id _tag business-status code focus intent owner patient performer priority requester status subject"},
      {"https://heyi.example/fhir/topic/service-request", "ServiceRequest", kMadeOrChanged, "",
       "%previous.empty() or %current.status !~ %previous.status or %current.priority !~ %previous.priority or "
       "%current.performer.reference !~ %previous.performer.reference",
       "_id _tag category code intent patient performer priority requester status subject"},
      {"https://heyi.example/fhir/topic/bed-status", "Location", kMadeOrChanged, "",
       "%current.operationalStatus.exists() and %current.operationalStatus !~ %previous.operationalStatus",
       "_id _tag operational-status organization partof status type"},
      {"https://heyi.example/fhir/topic/notice", "Communication", kMadeOrChanged, "status=in-progress,completed",
       "%previous.empty() or %current.status !~ %previous.status",
       "_id _tag category part-of patient recipient sender status subject"},
      {"https://heyi.example/fhir/topic/notice", "CommunicationRequest", kAnyChange, "status:not=draft",
       "%previous.empty() or %current.empty() or %current.status !~ %previous.status",
       "_id _tag category patient priority recipient requester sender status subject"},
  };
  return rows;
}

base::Result<Topics> Topics::Compile(const std::vector<TopicRow>& rows, const fhir::SearchParameters& parameters) {
  Topics compiled;
  for (const TopicRow& row : rows) {
    TopicTrigger trigger;
    trigger.type = parameters.definitions().FindResource(row.type);
    if (trigger.type == nullptr) {
      return base::Error(base::ErrorKind::kInvalid, "subscription.topic-table", std::string(row.url), row.type);
    }
    trigger.changes = row.changes;
    HEYI_TRY(query, interaction::DecodeQuery(row.criteria));
    HEYI_TRY(search, fhir::ParseSearch(*trigger.type, query, /*lenient=*/false, parameters));
    trigger.criteria = std::move(search.criteria);
    if (!row.path.empty()) {
      fhir::CompileOptions options;
      options.variables = {"current", "previous"};
      HEYI_TRY(path, fhir::Expression::Compile(row.path, parameters.definitions(), options));
      trigger.path = std::move(path);
    }
    for (std::string_view filter : base::Split(row.filters, ' ')) {
      if (parameters.Find(*trigger.type, filter) == nullptr) {
        return base::Error(base::ErrorKind::kInvalid, "subscription.topic-table", std::string(row.url), filter);
      }
      trigger.filters.emplace_back(filter);
    }
    std::sort(trigger.filters.begin(), trigger.filters.end());
    auto topic = std::find_if(compiled.topics_.begin(), compiled.topics_.end(),
                              [&](const Topic& one) { return one.url == row.url; });
    if (topic == compiled.topics_.end()) {
      compiled.topics_.push_back({std::string(row.url), {}});
      topic = std::prev(compiled.topics_.end());
    }
    topic->triggers.push_back(std::move(trigger));
  }
  return compiled;
}

const Topic* Topics::Find(std::string_view url) const {
  for (const Topic& topic : topics_) {
    if (topic.url == url) return &topic;
  }
  return nullptr;
}

std::vector<std::string> Topics::urls() const {
  std::vector<std::string> urls;
  for (const Topic& topic : topics_) urls.push_back(topic.url);
  return urls;
}

bool Triggers(const Topic& topic, const ResourceChange& change) {
  return std::any_of(topic.triggers.begin(), topic.triggers.end(),
                     [&](const TopicTrigger& one) { return Fires(one, change); });
}

}  // namespace heyi::exchange
