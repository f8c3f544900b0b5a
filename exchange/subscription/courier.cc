#include "exchange/subscription/courier.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/fault.h"
#include "base/log.h"

namespace heyi::exchange {
namespace {

constexpr uint32_t kStaleMs = 10;       // somebody wrote between: look again
constexpr uint32_t kLongestWaitMs = 3'600'000;

net::HttpClient::Options CourierClient(net::HttpClient::Options options, const SubscriptionLimits& limits) {
  options.total_timeout_ms = limits.timeout_ms;
  options.connect_timeout_ms = std::min(options.connect_timeout_ms, limits.timeout_ms);
  options.answer_bytes_max = kSubscriptionAnswerBytesMax;
  return options;
}

bool TellsResources(NoticeContent content) {
  return content != NoticeContent::kPing && content != NoticeContent::kEmpty;
}

uint32_t Clipped(base::TimeMs wait_ms) {
  return static_cast<uint32_t>(std::clamp<base::TimeMs>(wait_ms, 1, kLongestWaitMs));
}

}  // namespace

Courier::Courier(const interaction::Services& services, const SubscriptionTerms& terms,
                 const net::HttpClient::Options& client, const base::Clock& clock, base::Random& random)
    : services_(services),
      terms_(terms),
      clock_(clock),
      random_(random),
      client_(CourierClient(client, terms.limits)) {}

Courier::Next Courier::Step(const std::string& id) {
  Work work;
  work.id = id;
  work.now_ms = clock_.NowMs();
  std::string problem;
  const auto gathered = Gather(work, &problem);
  work.memory = Recall(id);
  if (!gathered.ok()) return TryLater(work, std::nullopt);
  if (!*gathered || work.status == "off") {
    std::lock_guard lock(mutex_);
    memories_.erase(id);
    return {kUntilWoken, std::nullopt, /*gone=*/true, {}};
  }
  Next next = Act(work, std::move(problem));
  const std::string& endpoint = work.definition.endpoint;
  next.origin = endpoint.substr(0, endpoint.find('/', endpoint.find("://") + 3));
  return next;
}

Courier::Next Courier::Act(Work& work, std::string problem) {
  // Whoever writes a Subscription may have mended what failed.
  if (work.memory.version != work.version) work.memory = {0, 0, 0, work.now_ms, work.version};
  if (!problem.empty()) return work.status == "error" ? Next{} : Turn(work, "error", std::move(problem), std::nullopt);
  if (work.now_ms >= work.definition.end_ms) return Turn(work, "off", "", std::nullopt);
  if (work.status == "error") return Wait(work, std::nullopt);
  if (work.memory.due_ms > work.now_ms) return {Clipped(work.memory.due_ms - work.now_ms)};
  if (work.status == "requested") return Shake(work);
  if (work.row.dropped > work.delivery.delivered) {
    DeliveryRow passed = work.delivery;
    passed.delivered = work.row.dropped;
    passed.failing_since_ms = 0;
    return Turn(work, "error",
                base::EnglishText(base::MakeIssue("subscription.dropped", "",
                                                  fmt::format("{}-{}", work.delivery.delivered + 1, work.row.dropped))),
                passed);
  }
  return work.row.events > work.delivery.delivered ? Deliver(work) : Beat(work);
}

base::Result<bool> Courier::Gather(Work& work, std::string* problem) const {
  work.snapshot = services_.store.Now();
  HEYI_TRY(row, FindSubscriber(*work.snapshot, work.id));
  if (!row) return false;
  work.row = std::move(*row);
  HEYI_TRY(delivery, work.snapshot->Fact(kSubscriptionDeliverySpace, work.id));
  if (delivery) {
    HEYI_TRY(decoded, DecodeDeliveryRow(*delivery));
    work.delivery = decoded;
    work.delivery_text = std::move(delivery);
  }
  const fhir::Type& type = *services_.definitions().FindResource("Subscription");
  HEYI_TRY(record, work.snapshot->Current(type, work.id));
  // Deleted, and perhaps made again: the follower has that to see first.
  if (!record || record->deleted || work.delivery.start_t != work.row.start_t) return false;
  work.version = record->version;
  HEYI_TRY(tree, work.snapshot->Tree(*record));
  work.status = tree.root().TextAt("status");
  work.error = tree.root().TextAt("error");
  auto definition = ReadSubscription(tree, terms_);
  if (definition.ok()) {
    work.definition = std::move(*definition);
  } else {
    *problem = base::EnglishText(definition.error().outcome.issues().front());
  }
  return true;
}

Courier::Next Courier::Shake(Work& work) {
  DeliveryRow well = work.delivery;
  well.failing_since_ms = 0;
  if (work.definition.topic == nullptr) return Turn(work, "active", "", well);
  const Sent sent = Send(work, {}, "handshake");
  if (sent.taken) {
    Next next = Turn(work, "active", "", well);
    next.slow = sent.slow;
    return next;
  }
  if (cancelled_) return {};
  base::TimeMs& since = work.memory.trying_since_ms;
  if (since == 0) since = work.now_ms;
  if (clock_.NowMs() - since >= terms_.limits.handshake_ms) {
    return Turn(work, "error", base::EnglishText(base::MakeIssue("subscription.handshake", "", sent.reason)),
                std::nullopt);
  }
  return TryLater(work, true);
}

Courier::Next Courier::Deliver(Work& work) {
  const bool by_topic = work.definition.topic != nullptr;
  const uint64_t first = work.delivery.delivered + 1;
  auto numbered =
      ReadEvents(*work.snapshot, work.id, first, work.row.events, by_topic ? work.definition.batch_events : 1);
  if (!numbered.ok() || numbered->empty() || numbered->front().number != first) {
    base::Log(base::LogLevel::kError, "subscription.events-missing",
              {{"subscription", work.id}, {"number", std::to_string(first)}});
    return TryLater(work, std::nullopt);
  }
  auto events = FillEvents(*work.snapshot, services_.definitions(), std::move(*numbered), work.definition.content,
                           [&](const EventRow& row) { return MayRead(work.row, row); });
  if (!events.ok()) return TryLater(work, std::nullopt);
  // Without a Bundle there is nothing to say of an event that may not be told any more.
  const bool silent = !by_topic && events->front().withheld;
  const Sent sent = silent ? Sent{true, 204, "", false} : Send(work, *events, "event-notification");
  if (!sent.taken) return NoteFailure(work, *events, sent);
  DeliveryRow settled = work.delivery;
  settled.delivered = events->back().number;
  settled.failing_since_ms = 0;
  if (!Settle(work, *events, sent, settled)) return TryLater(work, sent.slow);  // sent again: at least once
  delivered_ += events->size();
  work.memory.failures = 0;
  work.memory.due_ms = 0;
  work.memory.heard_ms = clock_.NowMs();
  Remember(work);
  return {0, sent.slow};
}

Courier::Next Courier::Beat(Work& work) {
  const base::TimeMs period_ms = base::TimeMs{work.definition.heartbeat_s} * 1'000;
  if (period_ms == 0 || work.now_ms < work.memory.heard_ms + period_ms) return Wait(work, std::nullopt);
  const Sent sent = Send(work, {}, "heartbeat");
  if (!sent.taken) return NoteFailure(work, {}, sent);
  if (work.delivery.failing_since_ms != 0) {
    DeliveryRow well = work.delivery;
    well.failing_since_ms = 0;
    if (!Settle(work, {}, sent, well)) return TryLater(work, sent.slow);
  }
  work.memory.failures = 0;
  work.memory.due_ms = 0;
  work.memory.heard_ms = clock_.NowMs();
  return Wait(work, sent.slow);
}

Courier::Next Courier::NoteFailure(Work& work, const std::vector<NotifiedEvent>& events, const Sent& sent) {
  if (cancelled_) return {};
  ++failed_;
  const base::TimeMs now_ms = clock_.NowMs();
  if (work.delivery.failing_since_ms == 0) {
    DeliveryRow failing = work.delivery;
    failing.failing_since_ms = now_ms;
    Settle(work, events, sent, failing);
    base::Log(base::LogLevel::kWarning, "subscription.delivery-waits",
              {{"subscription", work.id}, {"why", sent.reason}});
  } else if (now_ms - work.delivery.failing_since_ms >= terms_.limits.give_up_ms) {
    DeliveryRow given_up = work.delivery;
    given_up.failing_since_ms = 0;
    return Turn(work, "error", base::EnglishText(base::MakeIssue("subscription.undeliverable", "", sent.reason)),
                given_up);
  }
  return TryLater(work, true);
}

Courier::Next Courier::Turn(Work& work, std::string_view to, std::string error, std::optional<DeliveryRow> delivery) {
  const base::Context context{HubCaller(), clock_, random_, "subscription/" + work.id};
  StatusChange change{work.id, work.version, to, std::move(error), work.delivery_text, std::nullopt};
  if (delivery) change.delivery_is = EncodeDeliveryRow(*delivery);
  base::FaultPoint("subscription.before-status");
  const auto changed = ChangeStatus(services_, context, change);
  if (changed.ok()) {
    const bool bad = to == "error";
    base::Log(bad ? base::LogLevel::kWarning : base::LogLevel::kInfo, "subscription.status",
              {{"subscription", work.id}, {"status", to}, {"why", change.error}});
    Remember(work);
    return {0};
  }
  if (changed.error().kind == base::ErrorKind::kStale) return {kStaleMs};
  base::Log(base::LogLevel::kError, "subscription.status-not-written",
            {{"subscription", work.id}, {"rule", changed.error().outcome.issues().front().rule}});
  return TryLater(work, std::nullopt);
}

Courier::Next Courier::TryLater(Work& work, std::optional<bool> slow) {
  const SubscriptionLimits& limits = terms_.limits;
  const uint64_t pause_ms = std::min<uint64_t>(
      limits.retry_max_ms, uint64_t{limits.retry_first_ms} << std::min<uint32_t>(work.memory.failures, 16));
  ++work.memory.failures;
  work.memory.due_ms = clock_.NowMs() + static_cast<base::TimeMs>(pause_ms);
  Remember(work);
  return {Clipped(static_cast<base::TimeMs>(pause_ms)), slow};
}

// Until the heart is to beat or the subscription ends.
Courier::Next Courier::Wait(const Work& work, std::optional<bool> slow) {
  Remember(work);
  base::TimeMs due_ms = work.definition.end_ms;
  if (work.definition.heartbeat_s > 0 && work.status == "active") {
    due_ms = std::min(due_ms, work.memory.heard_ms + base::TimeMs{work.definition.heartbeat_s} * 1'000);
  }
  if (due_ms == INT64_MAX) return {kUntilWoken, slow};
  return {Clipped(due_ms - clock_.NowMs()), slow};
}

Courier::Sent Courier::Send(const Work& work, const std::vector<NotifiedEvent>& events, std::string_view type) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = work.definition.endpoint;
  request.headers = work.definition.headers;
  request.timeout_ms = work.definition.timeout_ms;
  request.cancelled = &cancelled_;
  switch (work.definition.content) {
    case NoticeContent::kPing: break;
    case NoticeContent::kResource:
      request.method = "PUT";
      if (request.url.ends_with('/')) request.url.pop_back();
      request.url += fmt::format("/{}/{}", events.front().row.type, events.front().row.id);
      request.body = events.front().json;
      break;
    default: request.body = NotificationJson(StatusOf(work, type), events, clock_.NowMs());
  }
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/fhir+json");
  return Post(work, std::move(request));
}

Courier::Sent Courier::Post(const Work& work, net::ClientRequest request) {
  base::FaultPoint("subscription.before-send");
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = client_.Send(request);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
  base::FaultPoint("subscription.sent");
  Sent sent;
  if (!answer.ok()) {
    sent.reason = base::EnglishText(answer.error().outcome.issues().front());
    // A resource whose id is no safe part of an address ("..") can be put nowhere: it is passed over.
    if (answer.error().kind == base::ErrorKind::kForbidden && work.definition.content == NoticeContent::kResource) {
      return {true, 204, sent.reason, false};
    }
  } else {
    sent.status = answer->status;
    sent.taken = answer->status >= 200 && answer->status < 300;
    if (!sent.taken) sent.reason = fmt::format("HTTP {}", answer->status);
  }
  sent.slow = !sent.taken || took > kSubscriptionSlowMs;
  return sent;
}

bool Courier::Settle(Work& work, const std::vector<NotifiedEvent>& events, const Sent& sent,
                     const DeliveryRow& delivery) {
  audit::Leaf leaf;
  leaf.caller = HubCaller();
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "notify";
  leaf.status = sent.taken ? 200 : sent.status == 0 ? 503 : sent.status;
  leaf.rule = sent.taken ? "" : "subscription.not-delivered";
  leaf.recipient = work.row.creator.department;
  leaf.request_id = "subscription/" + work.id;
  leaf.message_id = leaf.request_id;
  if (!events.empty()) {
    leaf.message_id += fmt::format("/{}-{}", events.front().number, events.back().number);
    leaf.agreement = events.front().row.policy_row;
  }
  for (const NotifiedEvent& event : events) {
    if (event.withheld || !TellsResources(work.definition.content)) continue;
    leaf.resources.push_back({event.row.type, event.row.id, event.row.version, audit::Action::kRead});
    for (uint64_t elder : event.row.elders) {
      if (std::find(leaf.elders.begin(), leaf.elders.end(), elder) == leaf.elders.end()) leaf.elders.push_back(elder);
    }
  }
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.fact_conditions.push_back({std::string(kSubscriptionDeliverySpace), work.id, work.delivery_text});
  draft.facts.push_back({std::string(kSubscriptionDeliverySpace), work.id, EncodeDeliveryRow(delivery)});
  if (!services_.store.CommitAndWait(std::move(draft)).ok()) return false;
  base::FaultPoint("subscription.settled");
  return true;
}

SubscriptionStatus Courier::StatusOf(const Work& work, std::string_view type) const {
  SubscriptionStatus status;
  status.base_url = services_.base_url;
  status.id = work.id;
  // A notification without content does not even say what it is about.
  if (work.definition.topic != nullptr && work.definition.content != NoticeContent::kEmpty) {
    status.topic = work.definition.topic->url;
  }
  status.status = work.status;
  status.type = type;
  status.events = work.row.events;
  status.content = work.definition.content;
  return status;
}

// Asked again before each egress: the policy may have changed since the event got its number.
bool Courier::MayRead(const SubscriberRow& row, const EventRow& event) const {
  const base::Caller* const callers[] = {&row.creator, &row.writer};
  return std::all_of(std::begin(callers), std::end(callers), [&](const base::Caller* caller) {
    return services_.policy
        .Decide({caller, policy::Action::kRead, event.type, static_cast<policy::Custody>(event.label)})
        .allowed;
  });
}

Courier::Memory Courier::Recall(const std::string& id) {
  std::lock_guard lock(mutex_);
  return memories_[id];
}

void Courier::Remember(const Work& work) {
  std::lock_guard lock(mutex_);
  memories_[work.id] = work.memory;
}

}  // namespace heyi::exchange
