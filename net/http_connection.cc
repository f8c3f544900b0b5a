#include "net/http_connection.h"

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

HttpConnection::HttpConnection(LoopShared& shared, ConnectionId id, Newcomer&& newcomer, HttpHandler& handler)
    : Connection(shared, id, std::move(newcomer.transport)),
      handler_(handler),
      peer_(std::move(newcomer.peer)),
      reader_(shared.limits, handler) {}

void HttpConnection::Read(std::string_view* input) {
  switch (reader_.Read(input)) {
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

void HttpConnection::TakeRequest() {
  Request request = reader_.Take();
  request.peer = peer_;
  continue_due_ = false;
  const uint64_t sequence = BeginMessage();
  if (!reader_.keep_alive()) EndMessages();
  const AnswerShape shape{.head_only = reader_.head_only(),
                          .close = !reader_.keep_alive(),
                          .says_keep_alive = reader_.http_1_0() && reader_.keep_alive()};
  handler_.Handle(std::move(request), std::make_unique<LoopResponder>(shared_.mailbox, id(), sequence, shape));
}

void HttpConnection::Refuse(const FramingError& error) {
  EndMessages();
  continue_due_ = false;
  ++shared_.framing_errors;
  const AnswerShape shape{.head_only = reader_.head_only(), .close = true, .says_allow = error.status == 405};
  const uint64_t sequence = TakeNumber();
  handler_.HandleFramingError(error, peer_, std::make_unique<LoopResponder>(shared_.mailbox, id(), sequence, shape));
}

void HttpConnection::InputEnded() {
  if (reader_.End() == HttpReader::Progress::kError) Refuse(reader_.error());
}

void HttpConnection::Render(Answer&& answer) {
  WriteAnswer(std::move(answer.response), answer.shape, shared_.date.text(), &out_);
}

void HttpConnection::BeforeSending() {
  if (!continue_due_ || unanswered() != 0 || no_more_messages()) return;
  continue_due_ = false;
  last_byte_ms_ = shared_.now_ms;
  out_.Append(kContinue);
}

int64_t HttpConnection::message_deadline_ms() const {
  if (!reader_.in_body()) return begun_since_ms_ + shared_.limits.header_timeout_ms;
  return continue_due_ ? kNoDeadline : last_byte_ms_ + shared_.limits.body_stall_timeout_ms;
}

void HttpConnection::MessageIsLate() { Refuse({408, "http.timeout", reader_.in_body() ? "its body" : "its head"}); }

}  // namespace heyi::net
