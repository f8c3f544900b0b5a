// Out by HTTP: POST, and the acknowledgement is the answer's body, whatever its status.
#include "exchange/outbox/answers.h"

namespace heyi::exchange {
namespace {

net::HttpClient::Options BoundedBy(const Route& route, net::HttpClient::Options client) {
  client.connect_timeout_ms = route.connect_timeout_ms;
  client.total_timeout_ms = route.connect_timeout_ms + route.answer_timeout_ms;
  return client;
}

class HttpChannel : public Channel {
 public:
  HttpChannel(const Route& route, const net::HttpClient::Options& client, const Cancelled& cancelled)
      : route_(route), cancelled_(cancelled), adapter_(adapters::AdapterOf(route.department)), client_(BoundedBy(route, client)) {}

  SendResult Send(const OutboxRow& row) override {
    if (adapter_ == nullptr) return {Sent::kRefused, Fault::kHub, "nobody here speaks for " + route_.department};
    net::ClientRequest request;
    request.url = route_.url;
    request.headers = {{"Content-Type", std::string(adapter_->media_type())}, {"X-Message-Id", row.message_id}};
    request.body = row.text;
    request.fresh_connection = !route_.idempotent;
    request.cancelled = &cancelled_;
    const auto answer = client_.Send(request);
    if (!answer.ok()) return ResultOfError(answer.error());
    const auto ack = adapter_->ReadAnswer(answer->body);
    if (!ack.ok()) return ResultOfStatus(answer->status);
    const SendResult result = ResultOfAcknowledgement(*ack);
    // "Taken" together with a status that says otherwise is no word to rely on.
    return result.sent == Sent::kTaken && answer->status / 100 != 2 ? ResultOfStatus(answer->status) : result;
  }

 private:
  static SendResult ResultOfError(const base::Error& error) {
    const base::Issue& issue = error.outcome.issues().front();
    std::string reason = base::EnglishText(issue);
    if (issue.rule == "http.client.failed") return {Sent::kUnclear, Fault::kReceiver, std::move(reason)};
    return {Sent::kNotSent, issue.rule == "http.client.unreachable" ? Fault::kReceiver : Fault::kHub, std::move(reason)};
  }

  const Route route_;
  const Cancelled& cancelled_;
  const adapters::Adapter* adapter_;
  const net::HttpClient client_;
};

}  // namespace

std::unique_ptr<Channel> MakeHttpChannel(const Route& route, const net::HttpClient::Options& client, const Cancelled& cancelled) {
  return std::make_unique<HttpChannel>(route, client, cancelled);
}

}  // namespace heyi::exchange
