// Out by MLLP: HL7 v2, one message at a time a connection, and the acknowledgement whose MSA-2 names it.
#include "exchange/outbox/answers.h"
#include "net/mllp_client.h"

namespace heyi::exchange {
namespace {

class MllpChannel : public Channel {
 public:
  MllpChannel(const Route& route, const Cancelled& cancelled)
      : client_({.host = route.host,
                 .port = route.port,
                 .connect_timeout_ms = route.connect_timeout_ms,
                 .answer_timeout_ms = route.answer_timeout_ms,
                 .cancelled = &cancelled}) {}

  SendResult Send(const OutboxRow& row) override {
    base::Result<adapters::Acknowledgement> ack = adapters::Acknowledgement{};
    const auto answer = client_.Send(row.text, [&](std::string_view frame) {
      ack = adapters::HealthAdapter().ReadAnswer(frame);
      // What nobody can read answers something, and nothing else is under way here.
      return !ack.ok() || ack->output["MSA"].StringAt("2") == row.message_id;
    });
    if (!answer.ok()) {
      const base::Issue& issue = answer.error().outcome.issues().front();
      std::string reason = base::EnglishText(issue);
      if (issue.rule == "mllp.client.frame") return {Sent::kRefused, Fault::kHub, std::move(reason)};
      return {issue.rule == "mllp.client.unreachable" ? Sent::kNotSent : Sent::kUnclear, Fault::kReceiver, std::move(reason)};
    }
    if (ack.ok()) return ResultOfAcknowledgement(*ack);
    client_.Close();
    return {Sent::kUnclear, Fault::kReceiver, "an answer, and no acknowledgement"};
  }

 private:
  net::MllpClient client_;
};

}  // namespace

std::unique_ptr<Channel> MakeMllpChannel(const Route& route, const Cancelled& cancelled) {
  return std::make_unique<MllpChannel>(route, cancelled);
}

}  // namespace heyi::exchange
