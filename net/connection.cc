#include "net/connection.h"

#include <algorithm>
#include <utility>

namespace heyi::net {

Connection::Connection(LoopShared& shared, ConnectionId id, std::unique_ptr<Transport> transport)
    : shared_(shared),
      out_(shared.buffers),
      last_byte_ms_(shared.now_ms),
      id_(id),
      transport_(std::move(transport)),
      rest_since_ms_(shared.now_ms),
      last_sent_ms_(shared.now_ms) {
  timer.link.id = id;
  rank.id = id;
}

void Connection::Readable() {
  if (phase_ == Phase::kDead || input_ended_) return;
  const IoResult got = transport_->Receive(shared_.receive_buffer);
  switch (got.kind) {
    case IoResult::Kind::kAgain:
      return;
    case IoResult::Kind::kFailed:
      phase_ = Phase::kDead;
      return;
    case IoResult::Kind::kEnd:
      input_ended_ = true;
      if (phase_ == Phase::kLingering) {
        phase_ = Phase::kDead;
      } else if (!no_more_messages_) {
        no_more_messages_ = true;
        InputEnded();
      }
      return;
    case IoResult::Kind::kDone:
      last_byte_ms_ = shared_.now_ms;
      if (phase_ == Phase::kOpen) Process({shared_.receive_buffer.data(), got.bytes});
  }
}

bool Connection::blocked() const {
  return unanswered() >= shared_.limits.pipelined_max || out_.bytes() >= shared_.limits.write_budget_bytes;
}

void Connection::Process(std::string_view input) {
  while (!no_more_messages_ && !input.empty()) {
    if (between_messages() && (handled_this_turn_ >= shared_.limits.pipelined_max || blocked())) {
      pending_.assign(input);
      return;
    }
    Read(&input);
  }
}

uint64_t Connection::BeginMessage() {
  served_ = true;
  begun_since_ms_ = 0;
  ++handled_this_turn_;
  ++shared_.requests;
  return TakeNumber();
}

void Connection::Answered(Answer&& answer) {
  if (answer.sequence != answers_) {
    parked_.emplace(answer.sequence, std::move(answer));
    return;
  }
  Write(std::move(answer));
  while (!parked_.empty() && parked_.begin()->first == answers_) {
    Write(std::move(parked_.extract(parked_.begin()).mapped()));
  }
}

void Connection::Write(Answer&& answer) {
  ++answers_;
  if (last_answer_written_) return;  // an earlier answer closed the connection
  if (answer.abandoned) {
    last_answer_written_ = no_more_messages_ = true;
    return;
  }
  answer.shape.close = answer.shape.close || answer.response.close || (no_more_messages_ && answers_ == messages_);
  if (answer.shape.close) last_answer_written_ = no_more_messages_ = true;
  if (out_.empty()) last_sent_ms_ = shared_.now_ms;
  Render(std::move(answer));
}

void Connection::Settle() {
  if (phase_ == Phase::kDead) return;
  if (handled_this_turn_ == 0 && has_work()) {
    const std::string input = std::exchange(pending_, {});
    Process(input);
  }
  handled_this_turn_ = 0;
  BeforeSending();
  if (!out_.empty()) Flush();
  const bool finished = last_answer_written_ || (no_more_messages_ && unanswered() == 0);
  if (phase_ == Phase::kOpen && out_.empty() && finished) Linger();
  if (phase_ != Phase::kOpen) return;

  if (between_messages()) {
    begun_since_ms_ = 0;
    rest_since_ms_ = shared_.now_ms;
  } else if (begun_since_ms_ == 0) {
    begun_since_ms_ = shared_.now_ms;
  }
}

void Connection::Linger() {
  pending_ = {};
  if (input_ended_) {
    phase_ = Phase::kDead;
    return;
  }
  transport_->EndSending();
  phase_ = Phase::kLingering;
  linger_until_ms_ = shared_.now_ms + shared_.limits.linger_timeout_ms;
}

void Connection::Flush() {
  const IoResult sent = out_.Send(*transport_, shared_.limits.write_budget_bytes);
  if (sent.kind == IoResult::Kind::kDone) last_sent_ms_ = shared_.now_ms;
  if (sent.kind == IoResult::Kind::kFailed) phase_ = Phase::kDead;
}

bool Connection::has_work() const {
  return phase_ == Phase::kOpen && !pending_.empty() && !no_more_messages_ && !blocked();
}

Connection::Wants Connection::wants() const {
  const bool reads = phase_ == Phase::kLingering || (pending_.empty() && !(blocked() && between_messages()));
  return {.read = reads && !input_ended_, .write = !out_.empty()};
}

bool Connection::at_rest() const {
  return phase_ == Phase::kLingering || (unanswered() == 0 && out_.empty() && pending_.empty() && between_messages());
}

int64_t Connection::deadline_ms() const {
  if (phase_ == Phase::kLingering) return linger_until_ms_;
  int64_t deadline = kNoDeadline;
  if (!out_.empty()) deadline = last_sent_ms_ + shared_.limits.write_stall_timeout_ms;
  if (no_more_messages_) return deadline;
  if (!between_messages()) return std::min(deadline, message_deadline_ms());
  return at_rest() ? rest_since_ms_ + shared_.limits.idle_timeout_ms : deadline;
}

void Connection::DeadlineReached() {
  const int64_t now = shared_.now_ms;
  if (deadline_ms() > now) return;
  const bool stalled = !out_.empty() && last_sent_ms_ + shared_.limits.write_stall_timeout_ms <= now;
  if (at_rest() || stalled) {
    phase_ = Phase::kDead;
    return;
  }
  MessageIsLate();
}

void Connection::Stop() {
  no_more_messages_ = true;
  pending_ = {};
  if (phase_ == Phase::kOpen && unanswered() == 0 && out_.empty()) phase_ = Phase::kDead;
}

}  // namespace heyi::net
