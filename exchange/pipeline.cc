#include "exchange/pipeline.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/log.h"
#include "exchange/effects/effect.h"
#include "exchange/provenance.h"
#include "exchange/targets.h"
#include "interaction/limits.h"

namespace heyi::exchange {
namespace {

using adapters::Acknowledgement;
using adapters::Verdict;
using base::Error;
using base::ErrorKind;

// Insurance wants "inf_refmsgid", civil affairs "msgId" of the answer: ours, the same for the same message.
std::string AnswerId(const Options& options, const std::string& key, base::TimeMs received_ms) {
  std::string digits = base::FormatInstant(received_ms);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return fmt::format("{:.6}{:.14}{:010}", options.area_code, digits, base::Hash64(key) % 10'000'000'000ull);
}

// What cannot be done yet is kept: something it hangs on has not arrived. Everything else wrong is the sender's to mend.
bool IsWaitingForSomething(const Error& error) {
  if (error.kind == ErrorKind::kNotFound) return true;
  bool any = false;
  for (const base::Issue& issue : error.outcome.issues()) {
    if (issue.severity > base::Severity::k_error) continue;
    if (issue.code != "not-found") return false;
    any = true;
  }
  return any;
}

}  // namespace

struct Pipeline::Arrival {
  const adapters::Adapter& adapter;
  adapters::Message message;
  std::string raw;
  std::string key;
  InboxRow row;
  std::string row_text;      // as it stands in the store; what the concluding commit expects
  base::Context context;
  std::string peer, agreement;
};

namespace {

// Takes a key for this thread; others that want it wait.
class KeyInHand {
 public:
  KeyInHand(std::mutex& mutex, std::condition_variable& free, std::set<std::string>& keys, const std::string& key)
      : mutex_(mutex), free_(free), keys_(keys), key_(key) {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [&] { return !keys_.contains(key_); });
    keys_.insert(key_);
  }
  ~KeyInHand() {
    {
      std::lock_guard lock(mutex_);
      keys_.erase(key_);
    }
    free_.notify_all();
  }

 private:
  std::mutex& mutex_;
  std::condition_variable& free_;
  std::set<std::string>& keys_;
  const std::string key_;
};

audit::Leaf MessageLeaf(const base::Context& context, std::string_view peer, std::string_view agreement, std::string_view key,
                        std::string_view sha256) {
  audit::Leaf leaf;
  leaf.agreement = agreement;
  leaf.caller = context.caller;
  leaf.peer = peer;
  leaf.request_id = context.request_id;
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "message";
  leaf.message_id = key;
  leaf.query_hash = sha256;
  return leaf;
}

}  // namespace

Reply Pipeline::Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
                     std::string_view agreement) {
  const std::string sha256 = base::ToHex(base::Sha256(raw));
  base::Result<adapters::Message> read = adapter.Read(raw);
  base::FaultPoint("exchange.parsed");
  if (!read.ok()) {
    ++counts_.refused;
    Acknowledgement ack{Verdict::kRefused, read.error().outcome, {}, AnswerId(options_, sha256, context.clock.NowMs()), context.clock.NowMs(),
                        context.clock.NowMs()};
    Reply reply{adapter.Answer(raw, nullptr, ack), MessageLeaf(context, peer, agreement, std::string(adapter.department()), sha256), false};
    reply.leaf.status = 400;
    reply.leaf.rule = read.error().outcome.issues().empty() ? "" : read.error().outcome.issues().front().rule;
    return reply;
  }
  Arrival arrival{adapter, std::move(*read), std::move(raw), {}, {}, {}, context, std::string(peer), std::string(agreement)};
  arrival.key = InboxKey(arrival.message);
  const KeyInHand in_hand(mutex_, free_, in_hand_, arrival.key);

  auto present = FindInboxRow(*services_.store.Now(), arrival.key);
  if (!present.ok()) return NotTaken(arrival, present.error());
  if (*present) {
    arrival.row = std::move(**present);
    arrival.row_text = EncodeInboxRow(arrival.row);
    if (arrival.row.sha256 != sha256) {
      ++counts_.refused;
      base::Log(base::LogLevel::kWarning, "exchange.other-content", {{"message", arrival.key}});
      Acknowledgement ack{Verdict::kRefused, base::Outcome(base::MakeIssue("exchange.other-content")), {},
                          AnswerId(options_, arrival.key + sha256, context.clock.NowMs()), context.clock.NowMs(), context.clock.NowMs()};
      Reply reply{adapter.Answer(arrival.raw, &arrival.message, ack), MessageLeaf(context, peer, agreement, arrival.key, sha256), false};
      reply.leaf.status = 409;
      reply.leaf.rule = "exchange.other-content";
      return reply;
    }
    if (arrival.row.state != InboxState::kReceived) {
      ++counts_.repeated;
      Reply reply{arrival.row.answer, MessageLeaf(context, peer, agreement, arrival.key, sha256), false};
      reply.leaf.rule = arrival.row.rule;
      return reply;
    }
  } else {
    arrival.row.sha256 = sha256;
    arrival.row.client = context.caller.client;
    if (auto received = Receive(arrival, arrival.raw); !received.ok()) return NotTaken(arrival, received.error());
    ++counts_.received;
  }
  base::FaultPoint("exchange.received");
  return Process(arrival);
}

// Nothing that was not synced is acknowledged. Sending the same bytes again is safe, however far this message came.
Reply Pipeline::NotTaken(const Arrival& arrival, const Error& why) const {
  base::Log(base::LogLevel::kError, "exchange.not-taken", {{"message", arrival.key}, {"rule", why.outcome.issues().front().rule}});
  const base::TimeMs now = arrival.context.clock.NowMs();
  const Acknowledgement ack{Verdict::kNotTaken, base::Outcome(base::MakeIssue("exchange.unavailable")), {},
                            AnswerId(options_, arrival.key, now), now, now};
  Reply reply{arrival.adapter.Answer(arrival.raw, &arrival.message, ack),
              MessageLeaf(arrival.context, arrival.peer, arrival.agreement, arrival.key, arrival.row.sha256), false};
  reply.leaf.status = 503;
  reply.leaf.rule = "exchange.unavailable";
  return reply;
}

Reply Pipeline::Decline(const adapters::Adapter& adapter, const std::string& raw, const base::Context& context, std::string_view peer,
                        std::string_view agreement, std::string_view rule) const {
  const base::Result<adapters::Message> read = adapter.Read(raw);
  const std::string sha256 = base::ToHex(base::Sha256(raw));
  const std::string key = read.ok() ? InboxKey(*read) : std::string(adapter.department());
  const base::TimeMs now = context.clock.NowMs();
  const Acknowledgement ack{Verdict::kNotTaken, base::Outcome(base::MakeIssue(rule)), {}, AnswerId(options_, key, now), now, now};
  Reply reply{adapter.Answer(raw, read.ok() ? &*read : nullptr, ack), MessageLeaf(context, peer, agreement, key, sha256), false};
  reply.leaf.status = 503;
  reply.leaf.rule = rule;
  return reply;
}

base::Result<base::Done> Pipeline::Receive(Arrival& arrival, const std::string& raw) {
  arrival.row.received_ms = arrival.context.clock.NowMs();
  arrival.row.blob = "message/" + arrival.key;
  arrival.row_text = EncodeInboxRow(arrival.row);
  store::CommitDraft draft;
  audit::Leaf leaf = MessageLeaf(arrival.context, arrival.peer, arrival.agreement, arrival.key, arrival.row.sha256);
  leaf.interaction = "message-received";
  leaf.status = 202;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.writes.push_back(services_.store.PrepareBlob(arrival.row.blob, raw));
  draft.facts.push_back({std::string(kInboxSpace), arrival.key, arrival.row_text});
  draft.fact_conditions.push_back({std::string(kInboxSpace), arrival.key, std::nullopt});
  HEYI_TRY(receipt, services_.store.CommitAndWait(std::move(draft)));
  static_cast<void>(receipt);
  return base::Done{};
}

base::Result<store::CommitDraft> Pipeline::PlanEffects(Arrival& arrival, Acknowledgement& ack, std::string* answer, audit::Leaf& leaf) {
  const mapping::PairMap* map = maps_.Find(arrival.message.department, arrival.message.type);
  if (map == nullptr) return Error(ErrorKind::kInvalid, "exchange.no-map", {}, arrival.message.type);
  interaction::Plan plan(services_, arrival.context);
  const interaction::Plan::EffectScope effects(plan);
  PlanTargets targets(plan);
  HEYI_TRY(organization, targets.OrganizationOf(arrival.message.sender));
  // The sender acts for itself; a bureau, which is no party to a referral, has no Organization here.
  arrival.context.caller.organization = organization;

  HEYI_TRY(mapped, map->ToFhir(arrival.message, targets));
  base::FaultPoint("exchange.mapped");
  if (mapped.outcome.HasErrors()) return Error(ErrorKind::kInvalid, mapped.outcome);
  const Effect effect = FindEffect(arrival.message.department, arrival.message.type);
  const bool question = arrival.message.type == "1101";  // reads only: nothing of it is written
  std::vector<std::pair<std::string, interaction::Plan::Put>> written;
  std::vector<interaction::Plan::Put> targets_written;
  for (mapping::MappedResource& resource : mapped.resources) {
    if (question) continue;
    if (!resource.changed) {  // it stands there just so: no new version, no Provenance
      written.emplace_back(resource.name, interaction::Plan::Put{resource.tree.type(), std::string(resource.tree.id()), resource.base_version, false});
      continue;
    }
    HEYI_TRY(put, plan.Write(resource.tree.Clone()));
    written.emplace_back(resource.name, put);
    targets_written.push_back(put);
  }
  if (effect != nullptr) {
    EffectContext effect_context{plan, targets, arrival.message, arrival.raw, *map, mapped, written, ack};
    HEYI_CHECK(effect(effect_context));
  }
  const std::string map_name = fmt::format("{}.{}/{}", map->department(), map->message_type(), map->version());
  HEYI_CHECK(WriteProvenance(plan, {arrival.key, arrival.row.sha256, arrival.message.sender, organization, arrival.message.sent_ms.value_or(0), map_name},
                             targets_written));
  std::string lineage;
  for (const mapping::LineageRow& row : mapped.lineage) lineage += fmt::format("{}\t{}\t{}\t{}\n", row.target, row.source, row.begin, row.rule);
  if (!lineage.empty()) plan.Add({"lineage", arrival.key, std::move(lineage)});
  if (!mapped.unread.empty()) {
    std::string unread;
    for (const std::string& path : mapped.unread) unread += path + "\n";
    plan.Add({"unread", arrival.key, std::move(unread)});
  }

  ack.outcome.Append(mapped.outcome);  // warnings
  ack.answered_ms = arrival.context.clock.NowMs();
  *answer = arrival.adapter.Answer(arrival.raw, &arrival.message, ack);
  InboxRow done = arrival.row;
  done.state = InboxState::kDone;
  done.answer = *answer;
  plan.Require({std::string(kInboxSpace), arrival.key, arrival.row_text});
  plan.Add({std::string(kInboxSpace), arrival.key, EncodeInboxRow(done)});
  base::FaultPoint("exchange.planned");
  return std::move(plan).Finish(leaf);
}

Reply Pipeline::Process(Arrival& arrival) {
  for (int attempt = 0; attempt < interaction::kReplansMax; ++attempt) {
    Acknowledgement ack;
    ack.ref_message_id = AnswerId(options_, arrival.key, arrival.row.received_ms);
    ack.received_ms = arrival.row.received_ms;
    audit::Leaf leaf = MessageLeaf(arrival.context, arrival.peer, arrival.agreement, arrival.key, arrival.row.sha256);
    std::string answer;
    base::Result<store::CommitDraft> draft = PlanEffects(arrival, ack, &answer, leaf);
    base::Result<store::CommitReceipt> receipt = draft.ok() ? services_.store.CommitAndWait(std::move(*draft)) : std::move(draft).error();
    if (receipt.ok()) {
      base::FaultPoint("exchange.done");
      return {std::move(answer), std::move(leaf), true};
    }
    const Error& error = receipt.error();
    if (error.kind == ErrorKind::kStale) continue;
    if (error.kind == ErrorKind::kUnavailable) return NotTaken(arrival, error);
    if (error.kind == ErrorKind::kInternal) {
      // The raw bytes are durable, and a restart goes on with them.
      base::Log(base::LogLevel::kError, "exchange.stopped", {{"message", arrival.key}, {"rule", error.outcome.issues().front().rule}});
      ack.verdict = Verdict::kKept;
      ack.outcome = error.outcome;
      return {arrival.adapter.Answer(arrival.raw, &arrival.message, ack), std::move(leaf), false};
    }
    return Conclude(arrival, IsWaitingForSomething(error) ? InboxState::kParked : InboxState::kRefused, error.outcome);
  }
  return Conclude(arrival, InboxState::kParked, base::Outcome(base::MakeIssue("exchange.busy")));
}

Reply Pipeline::Conclude(Arrival& arrival, InboxState state, const base::Outcome& why) {
  const bool parked = state == InboxState::kParked;
  ++(parked ? counts_.parked : counts_.refused);
  Acknowledgement ack{parked ? Verdict::kKept : Verdict::kRefused, why, {}, AnswerId(options_, arrival.key, arrival.row.received_ms),
                      arrival.row.received_ms, arrival.context.clock.NowMs()};
  InboxRow row = arrival.row;
  row.state = state;
  row.rule = why.issues().empty() ? "" : why.issues().front().rule;
  row.answer = arrival.adapter.Answer(arrival.raw, &arrival.message, ack);
  audit::Leaf leaf = MessageLeaf(arrival.context, arrival.peer, arrival.agreement, arrival.key, arrival.row.sha256);
  leaf.status = parked ? 202 : 422;
  leaf.rule = row.rule;
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.facts.push_back({std::string(kInboxSpace), arrival.key, EncodeInboxRow(row)});
  draft.fact_conditions.push_back({std::string(kInboxSpace), arrival.key, arrival.row_text});
  const auto receipt = services_.store.CommitAndWait(std::move(draft));
  if (!receipt.ok()) return NotTaken(arrival, receipt.error());
  return {row.answer, std::move(leaf), true};
}

base::Result<base::Done> Pipeline::FinishReceived(const base::Context& context) {
  const auto snapshot = services_.store.Now();
  std::vector<std::pair<std::string, std::string>> unfinished;
  HEYI_CHECK(snapshot->Facts(kInboxSpace, "", [&](std::string_view key, std::string_view value) {
    const auto row = DecodeInboxRow(value);
    if (row.ok() && row->state == InboxState::kReceived) unfinished.emplace_back(key, value);
    return true;
  }));
  for (const auto& [key, text] : unfinished) {
    HEYI_TRY(row, DecodeInboxRow(text));
    HEYI_TRY(raw, snapshot->Blob(row.blob));
    const adapters::Adapter* adapter = adapters::AdapterOf(key.substr(0, key.find('/')));
    if (!raw || adapter == nullptr) continue;
    auto message = adapter->Read(*raw);
    if (!message.ok()) continue;  // it could be read when it was received; a newer program is stricter
    Arrival arrival{*adapter, std::move(*message), std::move(*raw), key, row, text, context, "", ""};
    arrival.context.caller.client = row.client;
    arrival.context.caller.department = arrival.message.department;
    const KeyInHand in_hand(mutex_, free_, in_hand_, key);
    Process(arrival);
    base::Log(base::LogLevel::kInfo, "exchange.finished-received", {{"message", key}});
  }
  return base::Done{};
}

}  // namespace heyi::exchange
