// Subscription/$status, Subscription/<id>/$status and Subscription/<id>/$events.
// https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/operations.html
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "exchange/subscription/notification.h"
#include "exchange/subscription/subscriptions.h"
#include "interaction/access.h"
#include "interaction/search_bundle.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using interaction::Level;
using interaction::OperationAnswer;
using interaction::OperationCall;
using interaction::Plan;

constexpr size_t kStatusAskedMax = 1'000;

// All values of a parameter, of the query and of the body.
std::vector<std::string> AllGiven(const OperationCall& call, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : call.query) {
    if (key != name) continue;
    for (std::string_view one : base::Split(value, ',')) values.emplace_back(one);
  }
  if (call.parameters == nullptr) return values;
  for (fhir::Node item = call.parameters->root().Member("parameter").first_child(); item; item = item.next()) {
    if (item.TextAt("name") != name) continue;
    for (std::string_view member : {"valueId", "valueCode", "valueString"}) {
      if (const std::string_view value = item.TextAt(member); !value.empty()) values.emplace_back(value);
    }
  }
  return values;
}

// What stands of a Subscription that the caller may read; nullopt where there is none for them.
struct Standing {
  SubscriberRow row;
  std::string status, error, criteria;
  fhir::Tree tree;
};
base::Result<std::optional<Standing>> FindStanding(const Plan& plan, const fhir::Type& type, const std::string& id) {
  HEYI_TRY(record, plan.snapshot().Current(type, id));
  if (!record || record->deleted) return std::optional<Standing>();
  if (!interaction::MayRead(plan.services(), plan.context().caller, policy::Action::kRead, type, record->label)) {
    return std::optional<Standing>();
  }
  HEYI_TRY(tree, plan.snapshot().Tree(*record));
  HEYI_TRY(row, FindSubscriber(plan.snapshot(), id));
  Standing standing;
  if (row) standing.row = std::move(*row);  // else it is so new that the follower has not seen it
  standing.status = tree.root().TextAt("status");
  standing.error = tree.root().TextAt("error");
  standing.criteria = tree.root().TextAt("criteria");
  standing.tree = std::move(tree);
  return std::optional<Standing>(std::move(standing));
}

bool IsCanonical(std::string_view criteria) { return criteria.find("://") < criteria.find('?'); }

SubscriptionStatus StatusOfStanding(const Plan& plan, const std::string& id, const Standing& standing,
                                    std::string_view type) {
  SubscriptionStatus status;
  status.base_url = plan.services().base_url;
  status.id = id;
  if (IsCanonical(standing.criteria)) status.topic = standing.criteria;
  status.status = standing.status;
  status.error = standing.status == "error" ? standing.error : "";
  status.type = type;
  status.events = standing.row.events;
  return status;
}

Error NoSubscription(const std::string& id) {
  return Error(ErrorKind::kNotFound, "interaction.not-found", {}, "Subscription/" + id);
}

class StatusOperation : public interaction::Operation {
 public:
  std::string_view name() const override { return "status"; }
  std::string_view definition() const override {
    return "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status";
  }
  std::string_view type() const override { return "Subscription"; }
  unsigned levels() const override {
    return static_cast<unsigned>(Level::kType) | static_cast<unsigned>(Level::kInstance);
  }
  bool changes() const override { return false; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    std::vector<std::string> ids = call.id.empty() ? AllGiven(call, "id") : std::vector<std::string>{call.id};
    const std::vector<std::string> states = call.id.empty() ? AllGiven(call, "status") : std::vector<std::string>();
    if (ids.size() > kStatusAskedMax) return Error(ErrorKind::kTooLarge, "interaction.parameters", {}, "id");
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.empty()) HEYI_CHECK(AllIds(plan, ids));
    const base::TimeMs now_ms = plan.context().clock.NowMs();
    interaction::BundleWriter bundle("searchset", base::UuidV7(now_ms, plan.context().random), now_ms);
    std::vector<std::pair<std::string, std::string>> entries;
    for (const std::string& id : ids) {
      if (!base::IsFhirId(id)) return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "id");
      HEYI_TRY(standing, FindStanding(plan, *call.type, id));
      if (!standing && !call.id.empty()) return NoSubscription(id);
      if (!standing || (!states.empty() && std::find(states.begin(), states.end(), standing->status) == states.end())) {
        continue;
      }
      const SubscriptionStatus status = StatusOfStanding(plan, id, *standing, "query-status");
      entries.emplace_back("urn:uuid:" + StatusId(status, {}), StatusJson(status, {}));
    }
    bundle.Total(entries.size());
    for (const auto& [url, json] : entries) bundle.Match(url, json, "match");
    return OperationAnswer{bundle.Take(), 200};
  }

 private:
  static base::Result<base::Done> AllIds(const Plan& plan, std::vector<std::string>& ids) {
    return plan.snapshot().Facts(kSubscriptionSpace, "", [&](std::string_view key, std::string_view) {
      ids.emplace_back(key);
      return ids.size() < kStatusAskedMax;
    });
  }
};

class EventsOperation : public interaction::Operation {
 public:
  std::string_view name() const override { return "events"; }
  std::string_view definition() const override {
    return "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events";
  }
  std::string_view type() const override { return "Subscription"; }
  unsigned levels() const override { return static_cast<unsigned>(Level::kInstance); }
  bool changes() const override { return false; }

  // At most kSubscriptionEventsAnswered events, from the first asked for that is still kept; the rest by asking from
  // the next number on.
  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    HEYI_TRY(standing, FindStanding(plan, *call.type, call.id));
    if (!standing) return NoSubscription(call.id);
    HEYI_TRY(first, Number(call, "eventsSinceNumber", 1));
    HEYI_TRY(last, Number(call, "eventsUntilNumber", standing->row.events));
    HEYI_TRY(content, Content(call, *standing));
    SubscriptionStatus status = StatusOfStanding(plan, call.id, *standing, "query-event");
    status.content = content;
    const uint64_t begin = std::max({first, standing->row.dropped + 1, uint64_t{1}});
    HEYI_TRY(numbered, ReadEvents(plan.snapshot(), call.id, begin, std::min(last, standing->row.events),
                                  kSubscriptionEventsAnswered));
    const auto may_read = [&](const EventRow& row) {
      const fhir::Type* type = plan.definitions().FindResource(row.type);
      return type != nullptr &&
             interaction::MayRead(plan.services(), plan.context().caller, policy::Action::kRead, *type, row.label);
    };
    HEYI_TRY(events, FillEvents(plan.snapshot(), plan.definitions(), std::move(numbered), content, may_read));
    OperationAnswer answer{NotificationJson(status, events, plan.context().clock.NowMs()), 200};
    if (content == NoticeContent::kEmpty) return answer;
    for (const NotifiedEvent& event : events) {
      if (!event.withheld) answer.shown.push_back({event.row.type, event.row.id, event.row.version, event.row.elders});
    }
    return answer;
  }

 private:
  static base::Result<uint64_t> Number(const OperationCall& call, std::string_view name, uint64_t otherwise) {
    const std::vector<std::string> given = AllGiven(call, name);
    if (given.empty()) return otherwise;
    uint64_t number = 0;
    if (given.size() > 1 || !base::ParseUnsigned(given.front(), &number)) {
      return Error(ErrorKind::kMalformed, "interaction.parameters", {}, name);
    }
    return number;
  }

  // As asked for, else as the subscription has it.
  static base::Result<NoticeContent> Content(const OperationCall& call, const Standing& standing) {
    std::vector<std::string> given = AllGiven(call, "content");
    if (given.size() > 1) return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "content");
    if (given.empty()) {
      std::string_view own = "id-only";
      for (fhir::Node extension =
               standing.tree.root().Member("channel").Member("_payload").Member("extension").first_child();
           extension; extension = extension.next()) {
        if (extension.TextAt("url") == std::string(kBackportUrl) + "backport-payload-content") {
          own = extension.TextAt("valueCode");
        }
      }
      given.emplace_back(own);
    }
    for (NoticeContent content : {NoticeContent::kEmpty, NoticeContent::kIdOnly, NoticeContent::kFull}) {
      if (ContentName(content) == given.front()) return content;
    }
    return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "content");
  }
};

}  // namespace

void RegisterSubscriptionOperations(interaction::Operations& operations) {
  operations.Register(std::make_unique<StatusOperation>());
  operations.Register(std::make_unique<EventsOperation>());
}

}  // namespace heyi::exchange
