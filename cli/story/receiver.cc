#include "cli/story/receiver.h"

#include "base/clock.h"

namespace heyi::cli {

base::Result<std::unique_ptr<Receiver>> Receiver::Listen(uint16_t port) {
  auto receiver = std::make_unique<Receiver>();
  net::HttpServer::Options options;
  options.port = port;
  options.loops = 1;
  HEYI_TRY(server, net::HttpServer::Start(options, *receiver));
  receiver->server_ = std::move(server);
  return receiver;
}

std::vector<Receiver::Received> Receiver::received() const {
  std::lock_guard lock(mutex_);
  return received_;
}

size_t Receiver::repeats() const {
  std::lock_guard lock(mutex_);
  return repeats_;
}

void Receiver::Handle(net::Request request, std::unique_ptr<net::Responder> responder) {
  const adapters::Adapter& adapter = adapters::CivilAdapter();
  auto message = adapter.Read(request.body);
  adapters::Acknowledgement ack;
  ack.answered_ms = ack.received_ms = base::SystemClock().NowMs();
  if (!message.ok()) {
    ack.verdict = adapters::Verdict::kRefused;
    ack.outcome = message.error().outcome;
  } else {
    ack.ref_message_id = "MZ-ACK-" + message->id;
    std::lock_guard lock(mutex_);
    if (seen_[message->id]++ == 0) {
      received_.push_back({message->type, message->id, message->record});
    } else {
      ++repeats_;
    }
  }
  responder->Send({200, {{"Content-Type", "application/json"}}, adapter.Answer(request.body, message.ok() ? &*message : nullptr, ack)});
}

void Receiver::HandleFramingError(const net::FramingError& error, std::string_view, std::unique_ptr<net::Responder> responder) {
  responder->Send({error.status, {}, "", true});
}

}  // namespace heyi::cli
