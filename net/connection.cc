#include "net/connection.h"

#include <algorithm>
#include <utility>

namespace heyi::net {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class LoopResponder : public Responder {
 public:
  LoopResponder(std::shared_ptr<Mailbox> mailbox, ConnectionId connection, uint64_t sequence, AnswerShape shape)
      : mailbox_(std::move(mailbox)), connection_(connection), sequence_(sequence), shape_(shape) {}

  ~LoopResponder() override {
    if (mailbox_ != nullptr) mailbox_->Deliver(Answer{connection_, sequence_, shape_, true, {}});
  }

  void Send(Response response) override {
    if (const auto mailbox = std::exchange(mailbox_, nullptr)) {
      mailbox->Deliver(Answer{connection_, sequence_, shape_, false, std::move(response)});
    }
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;  // null once used
  const ConnectionId connection_;
  const uint64_t sequence_;
  const AnswerShape shape_;
};

}  // namespace

Connection::Connection(LoopShared& shared, ConnectionId id, std::unique_ptr<Transport> transport, std::string peer)
    : shared_(shared),
      id_(id),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      reader_(shared.limits, shared.handler),
      out_(shared.buffers),
      rest_since_ms_(shared.now_ms),
      last_byte_ms_(shared.now_ms),
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
      } else if (!no_more_requests_) {
        no_more_requests_ = true;
        if (reader_.End() == HttpReader::Progress::kError) Refuse(reader_.error());
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
  while (!no_more_requests_ && !input.empty()) {
    if (reader_.idle() && (handled_this_turn_ >= shared_.limits.pipelined_max || blocked())) {
      pending_.assign(input);
      return;
    }
    switch (reader_.Read(&input)) {
      case HttpReader::Progress::kMore:
        break;
      case HttpReader::Progress::kContinue:
        continue_due_ = true;
        break;
      case HttpReader::Progress::kRequest:
        TakeRequest();
        break;
      case HttpReader::Progress::kError:
        Refuse(reader_.error());
        break;
    }
  }
}

void Connection::TakeRequest() {
  Request request = reader_.Take();
  request.peer = peer_;
  served_ = true;
  continue_due_ = false;
  head_since_ms_ = 0;
  ++handled_this_turn_;
  ++shared_.requests;
  if (!reader_.keep_alive()) no_more_requests_ = true;
  const AnswerShape shape{.head_only = reader_.head_only(),
                          .close = !reader_.keep_alive(),
                          .says_keep_alive = reader_.http_1_0() && reader_.keep_alive()};
  const uint64_t sequence = requests_++;
  shared_.handler.Handle(std::move(request), std::make_unique<LoopResponder>(shared_.mailbox, id_, sequence, shape));
}

void Connection::Refuse(const FramingError& error) {
  no_more_requests_ = true;
  continue_due_ = false;
  ++shared_.framing_errors;
  const AnswerShape shape{.head_only = reader_.head_only(), .close = true, .says_allow = error.status == 405};
  const uint64_t sequence = requests_++;
  shared_.handler.HandleFramingError(error, peer_,
                                     std::make_unique<LoopResponder>(shared_.mailbox, id_, sequence, shape));
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
    last_answer_written_ = no_more_requests_ = true;
    return;
  }
  answer.shape.close = answer.shape.close || answer.response.close || (no_more_requests_ && answers_ == requests_);
  if (answer.shape.close) last_answer_written_ = no_more_requests_ = true;
  if (out_.empty()) last_sent_ms_ = shared_.now_ms;
  WriteAnswer(std::move(answer.response), answer.shape, shared_.date.text(), &out_);
}

void Connection::Settle() {
  if (phase_ == Phase::kDead) return;
  if (handled_this_turn_ == 0 && has_work()) {
    const std::string input = std::exchange(pending_, {});
    Process(input);
  }
  handled_this_turn_ = 0;
  if (continue_due_ && unanswered() == 0 && !no_more_requests_) {
    continue_due_ = false;
    last_byte_ms_ = shared_.now_ms;
    out_.Append(kContinue);
  }
  if (!out_.empty()) Flush();
  const bool finished = last_answer_written_ || (no_more_requests_ && unanswered() == 0);
  if (phase_ == Phase::kOpen && out_.empty() && finished) Linger();
  if (phase_ != Phase::kOpen) return;

  if (reader_.idle()) {
    head_since_ms_ = 0;
    rest_since_ms_ = shared_.now_ms;
  } else if (head_since_ms_ == 0) {
    head_since_ms_ = shared_.now_ms;
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
  return phase_ == Phase::kOpen && !pending_.empty() && !no_more_requests_ && !blocked();
}

Connection::Wants Connection::wants() const {
  const bool reads = phase_ == Phase::kLingering || (pending_.empty() && !(blocked() && reader_.idle()));
  return {.read = reads && !input_ended_, .write = !out_.empty()};
}

bool Connection::at_rest() const {
  return phase_ == Phase::kLingering || (unanswered() == 0 && out_.empty() && pending_.empty() && reader_.idle());
}

int64_t Connection::deadline_ms() const {
  if (phase_ == Phase::kLingering) return linger_until_ms_;
  int64_t deadline = kNoDeadline;
  const Limits& limits = shared_.limits;
  if (!out_.empty()) deadline = last_sent_ms_ + limits.write_stall_timeout_ms;
  if (no_more_requests_) return deadline;
  if (reader_.in_body()) {
    if (!continue_due_) deadline = std::min(deadline, last_byte_ms_ + limits.body_stall_timeout_ms);
  } else if (!reader_.idle()) {
    deadline = std::min(deadline, head_since_ms_ + limits.header_timeout_ms);
  } else if (at_rest()) {
    deadline = rest_since_ms_ + limits.idle_timeout_ms;
  }
  return deadline;
}

void Connection::DeadlineReached() {
  const int64_t now = shared_.now_ms;
  if (deadline_ms() > now) return;
  const bool stalled = !out_.empty() && last_sent_ms_ + shared_.limits.write_stall_timeout_ms <= now;
  if (at_rest() || stalled) {
    phase_ = Phase::kDead;
    return;
  }
  Refuse({408, "http.timeout", reader_.in_body() ? "its body" : "its head"});
}

void Connection::Stop() {
  no_more_requests_ = true;
  pending_ = {};
  if (phase_ == Phase::kOpen && unanswered() == 0 && out_.empty()) phase_ = Phase::kDead;
}

}  // namespace heyi::net
