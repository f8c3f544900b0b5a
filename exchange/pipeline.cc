#include "exchange/pipeline.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/log.h"
#include "exchange/inbox/index.h"
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

Acknowledgement AckOf(const Options& options, const Arrival& arrival, Verdict verdict, const base::Outcome& why) {
  return {verdict, why, {}, AnswerId(options, arrival.key, arrival.row.received_ms), arrival.row.received_ms, arrival.context.clock.NowMs()};
}

audit::Leaf LeafOf(const Arrival& arrival) {
  return MessageLeaf(arrival.context, arrival.peer, arrival.agreement, arrival.key, arrival.row.sha256);
}

std::string SenderAlarm(std::string_view what, const adapters::Message& message) { return fmt::format("{}/{}/{}", what, message.department, message.sender); }

constexpr std::string_view kNotTakenAlarm = "not-taken";

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
  Arrival arrival{adapter, std::move(*read), std::move(raw), {}, {}, {}, {}, context, std::string(peer), std::string(agreement)};
  arrival.key = InboxKey(arrival.message);
  const KeyInHand in_hand(mutex_, free_, in_hand_, arrival.key);

  auto present = services_.store.Now()->Fact(kInboxSpace, arrival.key);
  if (!present.ok()) return NotTaken(arrival, present.error());
  if (*present) {
    auto row = DecodeInboxRow(**present);
    if (!row.ok()) return NotTaken(arrival, row.error());
    arrival.row = std::move(*row);
    arrival.row_text = std::move(*present);
    if (arrival.row.sha256 != sha256) return OtherContent(arrival, sha256);
    if (arrival.answered()) {
      ++counts_.repeated;
      Reply reply{arrival.row.answer, LeafOf(arrival), false};
      reply.leaf.rule = arrival.row.rule;
      if (arrival.row.state == InboxState::kParked) reply.leaf.status = 202;
      if (arrival.row.state == InboxState::kRefused) reply.leaf.status = 422;
      return reply;
    }
  } else {
    arrival.row.sha256 = sha256;
    arrival.row.client = context.caller.client;
    arrival.row.department = context.caller.department;
    arrival.row.role = context.caller.role;
    arrival.row.purpose = context.caller.purpose;
    arrival.row.agreement = agreement;
    if (auto received = Receive(arrival); !received.ok()) return NotTaken(arrival, received.error());
    alarms_.Resolve(kNotTakenAlarm);
    ++counts_.received;
  }
  base::FaultPoint("exchange.received");
  return Process(arrival);
}

// The same id for two messages: one of them would be lost if either were taken for the other.
Reply Pipeline::OtherContent(const Arrival& arrival, std::string_view sha256) {
  ++counts_.refused;
  const base::Outcome why(base::MakeIssue("exchange.other-content"));
  alarms_.Raise(SenderAlarm("other-content", arrival.message), base::Severity::k_error, arrival.key);
  const base::TimeMs now = arrival.context.clock.NowMs();
  const Acknowledgement ack{Verdict::kRefused, why, {}, AnswerId(options_, fmt::format("{}{}", arrival.key, sha256), now), now, now};
  Reply reply{arrival.adapter.Answer(arrival.raw, &arrival.message, ack),
              MessageLeaf(arrival.context, arrival.peer, arrival.agreement, arrival.key, sha256), false};
  reply.leaf.status = 409;
  reply.leaf.rule = "exchange.other-content";
  return reply;
}

// Nothing that was not synced is acknowledged. Sending the same bytes again is safe, however far this message came.
Reply Pipeline::NotTaken(const Arrival& arrival, const Error& why) const {
  alarms_.Raise(kNotTakenAlarm, base::Severity::k_fatal, fmt::format("{}: {}", arrival.key, why.outcome.issues().front().rule));
  const base::TimeMs now = arrival.context.clock.NowMs();
  const Acknowledgement ack{Verdict::kNotTaken, base::Outcome(base::MakeIssue("exchange.unavailable")), {},
                            AnswerId(options_, arrival.key, now), now, now};
  Reply reply{arrival.adapter.Answer(arrival.raw, &arrival.message, ack), LeafOf(arrival), false};
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

base::Result<base::Done> Pipeline::Receive(Arrival& arrival) {
  InboxRow& row = arrival.row;
  row.received_ms = arrival.context.clock.NowMs();
  row.blob = "message/" + arrival.key;
  row.type = arrival.message.type;
  row.Enter(InboxState::kReceived, row.received_ms);
  arrival.row_text = EncodeInboxRow(row);
  store::CommitDraft draft;
  audit::Leaf leaf = LeafOf(arrival);
  leaf.interaction = "message-received";
  leaf.status = 202;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.writes.push_back(services_.store.PrepareBlob(row.blob, arrival.raw));
  draft.facts = IndexFacts(arrival.key, nullptr, &row);
  draft.facts.push_back({std::string(kInboxSpace), arrival.key, *arrival.row_text});
  draft.fact_conditions.push_back({std::string(kInboxSpace), arrival.key, std::nullopt});
  HEYI_TRY(receipt, services_.store.CommitAndWait(std::move(draft)));
  static_cast<void>(receipt);
  return base::Done{};
}

Reply Pipeline::Process(Arrival& arrival) {
  PlanTrace trace;
  for (int attempt = 0; attempt < interaction::kReplansMax; ++attempt) {
    Acknowledgement ack = AckOf(options_, arrival, Verdict::kTaken, {});
    audit::Leaf leaf = LeafOf(arrival);
    std::string answer;
    base::Result<store::CommitDraft> draft = PlanMessage(services_, maps_, arrival, ack, &answer, leaf, trace);
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
    return Conclude(arrival, IsParked(error) ? InboxState::kParked : InboxState::kRefused, error.outcome, std::move(trace.waits));
  }
  return Conclude(arrival, InboxState::kParked, base::Outcome(base::MakeIssue("exchange.busy")), {});
}

Reply Pipeline::Conclude(Arrival& arrival, InboxState state, const base::Outcome& why, std::vector<std::string> waits) {
  const Verdict verdict = state == InboxState::kParked ? Verdict::kKept : Verdict::kRefused;
  std::string answer = arrival.adapter.Answer(arrival.raw, &arrival.message, AckOf(options_, arrival, verdict, why));
  audit::Leaf leaf = LeafOf(arrival);
  auto noted = Note(arrival, state, why, std::move(waits), answer, leaf);
  if (!noted.ok()) return NotTaken(arrival, noted.error());
  return {std::move(answer), std::move(leaf), true};
}

base::Result<base::Done> Pipeline::Note(Arrival& arrival, InboxState state, const base::Outcome& why, std::vector<std::string> waits, std::string answer,
                                        audit::Leaf& leaf) {
  const bool parked = state == InboxState::kParked;
  const base::TimeMs now = arrival.context.clock.NowMs();
  InboxRow row = arrival.row;
  if (row.state != state) row.Enter(state, now);
  row.rule = why.issues().empty() ? "" : why.issues().front().rule;
  row.answer = std::move(answer);
  leaf.status = parked ? 202 : 422;
  leaf.rule = row.rule;
  const ParkedRow* last = arrival.parked ? &*arrival.parked : nullptr;
  std::optional<ParkedRow> next;
  if (parked) next = MakeParkedRow(arrival.message.department, why, std::move(waits), now, last);
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.facts = IndexFacts(arrival.key, &arrival.row, &row);
  for (store::Fact& fact : ParkedFacts(arrival.key, last, next ? &*next : nullptr)) draft.facts.push_back(std::move(fact));
  draft.facts.push_back({std::string(kInboxSpace), arrival.key, EncodeInboxRow(row)});
  draft.fact_conditions.push_back({std::string(kInboxSpace), arrival.key, arrival.row_text});
  HEYI_TRY(receipt, services_.store.CommitAndWait(std::move(draft)));
  static_cast<void>(receipt);
  if (!arrival.answered()) ++(parked ? counts_.parked : counts_.refused);
  if (parked) on_parked_(arrival.key);
  return base::Done{};
}

base::Result<Arrival> Pipeline::Reread(const std::string& key, const base::Context& context) const {
  const auto snapshot = services_.store.Now();
  HEYI_TRY(text, snapshot->Fact(kInboxSpace, key));
  if (!text) return Error(ErrorKind::kNotFound, "exchange.unknown-message", {}, key);
  HEYI_TRY(row, DecodeInboxRow(*text));
  if (row.blob.empty()) return Error(ErrorKind::kGone, "exchange.raw-gone", {}, key);
  HEYI_TRY(raw, snapshot->Blob(row.blob));
  const adapters::Adapter* adapter = adapters::AdapterOf(key.substr(0, key.find('/')));
  if (!raw || adapter == nullptr) return Error(ErrorKind::kGone, "exchange.raw-gone", {}, key);
  HEYI_TRY(message, adapter->Read(*raw));  // it could be read when it was received; a newer program may be stricter
  HEYI_TRY(parked, FindParkedRow(*snapshot, key));
  Arrival arrival{*adapter, std::move(message), std::move(*raw), key, std::move(row), std::move(text), std::move(parked), context, "", ""};
  arrival.agreement = arrival.row.agreement;
  arrival.context.caller = {arrival.row.client, "", arrival.row.department, arrival.row.role, "", arrival.row.purpose};
  return arrival;
}

base::Result<Pipeline::AgainResult> Pipeline::RunAgain(const std::string& key, Again mode, const base::Context& context) {
  const KeyInHand in_hand(mutex_, free_, in_hand_, key);
  for (int attempt = 0; attempt < interaction::kReplansMax; ++attempt) {
    HEYI_TRY(arrival, Reread(key, context));
    AgainResult result;
    result.before = result.after = arrival.row.state;
    if (mode == Again::kParked && arrival.row.state != InboxState::kParked) return result;
    result.trace.want_differences = mode == Again::kDryRun;
    Acknowledgement ack = AckOf(options_, arrival, Verdict::kTaken, {});
    audit::Leaf leaf = LeafOf(arrival);
    std::string answer;
    auto draft = PlanMessage(services_, maps_, arrival, ack, &answer, leaf, result.trace);
    const bool nothing_new = draft.ok() && arrival.row.state == InboxState::kDone && result.trace.outputs.empty();
    if (draft.ok() && mode != Again::kDryRun && !nothing_new) {
      auto receipt = services_.store.CommitAndWait(std::move(*draft));
      if (!receipt.ok()) draft = std::move(receipt).error();
    }
    if (draft.ok()) {
      result.after = InboxState::kDone;
      return result;
    }
    const Error& error = draft.error();
    if (error.kind == ErrorKind::kStale) continue;
    if (error.kind == ErrorKind::kUnavailable) return error;
    result.why = error.outcome;
    result.waits = result.trace.waits;
    // What is done stays so, whatever today's map says of it; and a sender that was told "kept" is never left with nothing.
    const bool was_kept = arrival.row.state == InboxState::kParked || arrival.row.state == InboxState::kDone;
    if (!was_kept) result.after = IsParked(error) ? InboxState::kParked : InboxState::kRefused;
    if (mode == Again::kDryRun || arrival.row.state == InboxState::kDone) return result;
    audit::Leaf failed = LeafOf(arrival);
    std::string told = arrival.row.answer;
    if (!arrival.answered()) {  // its sender was told to send again: the repeat gets this
      ack.verdict = result.after == InboxState::kParked ? Verdict::kKept : Verdict::kRefused;
      ack.outcome = error.outcome;
      told = arrival.adapter.Answer(arrival.raw, &arrival.message, ack);
    }
    auto noted = Note(arrival, result.after, error.outcome, std::move(result.trace.waits), std::move(told), failed);
    if (noted.ok()) return result;
    if (noted.error().kind != ErrorKind::kStale) return std::move(noted).error();
  }
  return Error(ErrorKind::kStale, "exchange.busy");
}

base::Result<base::Done> Pipeline::FinishReceived(const base::Context& context) {
  std::vector<std::string> unfinished;
  HEYI_CHECK(WalkIndex(*services_.store.Now(), IndexOfState(InboxState::kReceived), 0, INT64_MAX, {}, [&](const IndexHit& hit) {
    unfinished.emplace_back(hit.key);
    return true;
  }));
  // The oldest first.
  for (auto key = unfinished.rbegin(); key != unfinished.rend(); ++key) {
    const KeyInHand in_hand(mutex_, free_, in_hand_, *key);
    auto arrival = Reread(*key, context);
    if (!arrival.ok()) {
      if (arrival.error().kind == ErrorKind::kUnavailable) return std::move(arrival).error();
      base::Log(base::LogLevel::kWarning, "exchange.not-finished", {{"message", *key}, {"rule", arrival.error().outcome.issues().front().rule}});
      continue;
    }
    if (arrival->answered()) continue;  // done meanwhile
    Process(*arrival);
    base::Log(base::LogLevel::kInfo, "exchange.finished-received", {{"message", *key}});
  }
  return base::Done{};
}

}  // namespace heyi::exchange
