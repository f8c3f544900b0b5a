// A whole server in this process, restartable on its data, and receivers that it may send notifications to.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "base/json/value.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "server/server.h"

namespace heyi::exchange {

struct Received {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  // names in lower case
  base::JsonValue Json() const {
    auto json = base::ParseJson(body);
    return json.ok() ? *json : base::JsonValue();
  }
};

// Keeps what arrives and answers as told.
class Receiver : public net::HttpHandler {
 public:
  explicit Receiver(uint16_t port = 0) { Open(port); }
  ~Receiver() override { Close(); }

  void Open(uint16_t port) {
    net::HttpServer::Options options;
    options.port = port;
    options.loops = 1;
    auto started = net::HttpServer::Start(options, *this);
    ASSERT_TRUE(started.ok());
    server_ = std::move(*started);
    port_ = server_->port();
  }
  void Close() {
    if (server_ != nullptr) server_->Stop(100);
    server_.reset();
  }
  uint16_t port() const { return port_; }
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  uint64_t connections() const { return server_->counters().connections_total; }

  // Asked for the status of each answer; 0: none is given.
  void Answer(std::function<int(const Received&)> answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

  std::vector<Received> all() const {
    std::lock_guard lock(mutex_);
    return received_;
  }
  // Waits until `count` have arrived; what has after `wait_ms` at most.
  std::vector<Received> WaitFor(size_t count, int wait_ms = 10'000) const {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::milliseconds(wait_ms), [&] { return received_.size() >= count; });
    return received_;
  }

  uint64_t BodyBytesMax(std::string_view, std::string_view) const override { return 64 << 20; }
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override {
    Received received{std::string(request.method), std::string(request.target), request.body, {}};
    for (const auto& [name, value] : request.headers) received.headers[base::AsciiLower(name)] = value;
    std::unique_lock lock(mutex_);
    const int status = answer_ ? answer_(received) : 200;
    received_.push_back(std::move(received));
    if (status == 0) held_.push_back(std::move(responder));
    lock.unlock();
    arrived_.notify_all();
    if (status == 0) return;
    net::Response response;
    response.status = status;
    if (status >= 300 && status < 400) response.headers.emplace_back("Location", redirect_);
    responder->Send(std::move(response));
  }
  void HandleFramingError(const net::FramingError&, std::string_view, std::unique_ptr<net::Responder>) override {}

  std::string redirect_;

 private:
  std::unique_ptr<net::HttpServer> server_;
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::function<int(const Received&)> answer_;
  std::vector<Received> received_;
  std::vector<std::unique_ptr<net::Responder>> held_;
};

struct HttpReply {
  int status = 0;
  std::string body;
  base::JsonValue Json() const {
    auto json = base::ParseJson(body);
    return json.ok() ? *json : base::JsonValue();
  }
};

class SubscriptionHouse {
 public:
  explicit SubscriptionHouse(std::vector<std::string> allowed) {
    char name[] = "/tmp/heyi-subscription-XXXXXX";
    directory_ = ::mkdtemp(name);
    config_.district_name = "示例区";
    config_.area_code = "310199";
    config_.hub_code = "12310199MB00000119";
    config_.outbound_allowed = std::move(allowed);
    AddCaller("operator", {"operator", "", "operator", "operator", "", "HOPERAT"});
    AddCaller("his", {"his", "", "health", "system", "", "TREAT"});
    AddCaller("his-b", {"his-b", "", "health", "system", "", "TREAT"});
    AddCaller("bureau", {"bureau", "", "civil-affairs", "system", "", "COC"});
    AddCaller("insurer", {"insurer", "", "insurance", "system", "", "HPAYMT"});
    AddCaller("officer", {"officer", "", "civil-affairs", "officer", "", "COC"});
    AddCaller("clinician", {"clinician", "", "health", "clinician", "", "TREAT"});
    SubscriptionLimits& limits = config_.subscriptions;
    limits.retry_first_ms = 20;
    limits.retry_max_ms = 100;
    limits.handshake_ms = 300;
    limits.timeout_ms = 2'000;
  }
  ~SubscriptionHouse() {
    Stop();
    std::filesystem::remove_all(directory_);
  }

  SubscriptionLimits& limits() { return config_.subscriptions; }
  server::Config& config() { return config_; }
  const std::string& directory() const { return directory_; }
  std::vector<std::string>& allowed() { return config_.outbound_allowed; }

  void Start() {
    auto started =
        server::Server::Start({directory_, HEYI_BINARY_DIR "/heyi-r4.pack", "127.0.0.1", 0, config_}, clock_, random_);
    ASSERT_TRUE(started.ok());
    server_ = std::move(*started);
  }
  void Stop() {
    if (server_ != nullptr) server_->Stop();
    server_.reset();
  }
  std::string base() const { return server_->base_url(); }

  HttpReply Ask(const std::string& who, const std::string& method, const std::string& target,
            const std::string& body = {}) const {
    const net::HttpClient client(
        {{"http://127.0.0.1:" + std::to_string(server_->port()) + "/"}, 5'000, 30'000, 64 << 20});
    net::ClientRequest request{method, base() + target, {{"Authorization", "Bearer " + who}}, body};
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/fhir+json");
    auto response = client.Send(request);
    EXPECT_TRUE(response.ok()) << method << " " << target;
    return response.ok() ? HttpReply{response->status, response->body} : HttpReply{};
  }

  // Waits for the status; what it is after ten seconds.
  std::string WaitForStatus(const std::string& who, const std::string& id, const std::string& wanted) const {
    std::string status;
    for (int i = 0; i < 1'000; ++i) {
      status = Ask(who, "GET", "/Subscription/" + id).Json().StringAt("status");
      if (status == wanted) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return status;
  }

 private:
  // The token is the name.
  void AddCaller(const std::string& token, base::Caller caller) {
    config_.tokens.push_back({base::ToHex(base::Sha256(token)), std::move(caller)});
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  std::string directory_;
  server::Config config_;
  std::unique_ptr<server::Server> server_;
};

// R4's own kind; `more` are members of the channel, with a comma in front.
inline std::string CriteriaSubscription(const std::string& id, const std::string& criteria, const std::string& endpoint,
                                        const std::string& more = {}) {
  return R"({"resourceType":"Subscription","id":")" + id + R"(","status":"requested","reason":"test","criteria":")" +
         criteria + R"(","channel":{"type":"rest-hook","endpoint":")" + endpoint + "\"" + more + "}}";
}

// By topic; `filters` and `numbers` (heartbeat-period and so on) are extensions, parted by commas.
inline std::string TopicSubscription(const std::string& id, const std::string& topic, const std::string& endpoint,
                                     const std::string& content, const std::string& filter = {},
                                     const std::string& numbers = {}) {
  const std::string backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
  std::string text =
      R"({"resourceType":"Subscription","id":")" + id + R"(","meta":{"profile":[")" + backport +
      R"(backport-subscription"]},"status":"requested","reason":"test","criteria":"https://heyi.example/fhir/topic/)" +
      topic + "\"";
  if (!filter.empty()) {
    text += R"(,"_criteria":{"extension":[{"url":")" + backport + R"(backport-filter-criteria","valueString":")" +
            filter + "\"}]}";
  }
  text += R"(,"channel":{)";
  if (!numbers.empty()) text += R"("extension":[)" + numbers + "],";
  return text + R"("type":"rest-hook","endpoint":")" + endpoint +
         R"(","payload":"application/fhir+json","_payload":{"extension":[{"url":")" + backport +
         R"(backport-payload-content","valueCode":")" + content + "\"}]}}}";
}

inline std::string BackportNumber(const std::string& name, const std::string& value) {
  return R"({"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/)" + name + "\"," + value + "}";
}

// The first parameter of that name of a notification's (or a status') Parameters.
inline base::JsonValue StatusParameter(const base::JsonValue& parameters, std::string_view name) {
  for (const base::JsonValue& parameter : parameters["parameter"].items()) {
    if (parameter.StringAt("name") == name) return parameter;
  }
  return {};
}
inline std::string StatusText(const base::JsonValue& parameters, std::string_view name) {
  const base::JsonValue parameter = StatusParameter(parameters, name);
  for (const auto& [member, value] : parameter.members()) {
    if (member != "name") return value.is_object() ? std::string(value.StringAt("reference")) : value.text();
  }
  return "";
}
// The event numbers of a notification, in order.
inline std::vector<uint64_t> EventNumbers(const base::JsonValue& bundle) {
  std::vector<uint64_t> numbers;
  if (bundle["entry"].items().empty()) return numbers;
  for (const base::JsonValue& parameter : bundle["entry"].items()[0]["resource"]["parameter"].items()) {
    if (parameter.StringAt("name") != "notification-event") continue;
    numbers.push_back(std::stoull(std::string(parameter["part"].items()[0].StringAt("valueString"))));
  }
  return numbers;
}

}  // namespace heyi::exchange
