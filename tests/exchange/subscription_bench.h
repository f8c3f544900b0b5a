// Subscriptions over a store in memory, without a server and, where a test wants to see what happens then, without the
// check of what is written.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "audit/trail.h"
#include "base/json/value.h"
#include "exchange/subscription/subscriptions.h"
#include "interaction/dispatch.h"
#include "interaction/operations.h"
#include "interaction/services.h"

namespace heyi::exchange {

inline std::shared_ptr<const fhir::SearchParameters> TestParameters() {
  static const auto parameters = [] {
    auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    auto compiled = fhir::SearchParameters::Compile(*definitions);
    return *compiled;
  }();
  return parameters;
}

class SubscriptionBench {
 public:
  explicit SubscriptionBench(std::vector<std::string> allowed, bool checked) {
    SubscriptionLimits limits;
    limits.retry_first_ms = 10;
    limits.retry_max_ms = 50;
    limits.handshake_ms = 200;
    limits.timeout_ms = 1'000;
    limits.workers = 2;
    net::HttpClient::Options client;
    client.allowed_prefixes = std::move(allowed);
    auto made = Subscriptions::Make(services_, limits, client, clock_, random_);
    EXPECT_TRUE(made.ok());
    subscriptions_ = std::move(*made);
    if (checked) services_.write_check = &subscriptions_->write_check();
    subscriptions_->Start();
  }
  ~SubscriptionBench() { subscriptions_->Stop(); }

  interaction::Response Put(const std::string& type, const std::string& id, std::string body) {
    interaction::Request request;
    request.method = "PUT";
    request.segments = {type, id};
    request.body = std::move(body);
    return Ask(std::move(request));
  }
  interaction::Response Post(std::string bundle) {
    interaction::Request request;
    request.method = "POST";
    request.body = std::move(bundle);
    return Ask(std::move(request));
  }
  base::JsonValue Get(const std::string& type, const std::string& id) {
    interaction::Request request;
    request.method = "GET";
    request.segments = {type, id};
    auto json = base::ParseJson(Ask(std::move(request)).body);
    return json.ok() ? *json : base::JsonValue();
  }
  std::string WaitForStatus(const std::string& id, const std::string& wanted) {
    std::string status;
    for (int i = 0; i < 1'000; ++i) {
      status = Get("Subscription", id).StringAt("status");
      if (status == wanted) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return status;
  }
  store::Store& store() { return *data_; }

 private:
  interaction::Response Ask(interaction::Request request) {
    const base::Context context{{"test", "", "operator", "operator", "", "HOPERAT"}, clock_, random_, "request-1"};
    return interaction::PerformAndWait(services_, context, std::move(request));
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  std::unique_ptr<store::DerivedView> data_view_ = audit::MakeAuditView(), access_view_ = audit::MakeAuditView();
  std::unique_ptr<store::Store> data_ =
      store::MakeMemoryStore({"", TestParameters(), {}, {data_view_.get()}, &clock_, &random_, {}});
  std::unique_ptr<store::Store> access_ =
      store::MakeMemoryStore({"", TestParameters(), {}, {access_view_.get()}, &clock_, &random_, {}});
  audit::Trail trail_{*data_, *access_};
  policy::Policy policy_ = policy::Policy::Default();
  interaction::Operations operations_;
  interaction::Services services_{TestParameters(),        *data_, *access_, trail_, policy_, operations_,
                                  "http://heyi.test/fhir", "key"};
  std::unique_ptr<Subscriptions> subscriptions_;
};

}  // namespace heyi::exchange
