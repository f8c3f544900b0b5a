// The exchange over a store in memory, with care's operations and a clock that a test sets; no transport.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "audit/trail.h"
#include "base/json/value.h"
#include "care/care.h"
#include "exchange/exchange.h"
#include "interaction/dispatch.h"
#include "interaction/operations.h"
#include "interaction/url.h"

namespace heyi::exchange {

class ExchangeHouse {
 public:
  ExchangeHouse() {
    auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    parameters_ = *fhir::SearchParameters::Compile(*definitions);
    const auto open = [&](store::DerivedView* view, std::vector<const store::CommitGuard*> guards) {
      return store::MakeMemoryStore({"", parameters_, std::move(guards), {view}, &clock_, &random_, {}});
    };
    data_ = open(data_view_.get(), {guard_.get()});
    access_ = open(access_view_.get(), {});
    trail_ = std::make_unique<audit::Trail>(*data_, *access_);
    care::RegisterOperations(operations_, {});
    services_ = std::make_unique<interaction::Services>(
        interaction::Services{parameters_, *data_, *access_, *trail_, policy_, operations_, "http://heyi.test/fhir", "cursor key"});
    options_.hub_code = "12310199MB0000011";
    options_.area_code = "310199";
    Open();
  }

  // Ends the exchange and begins it anew on the same store, as a restart does.
  void Open() {
    exchange_.reset();
    auto maps = mapping::MapLibrary::Load(parameters_->definitions());
    ASSERT_TRUE(maps.ok());
    maps_ = std::make_unique<mapping::MapsInForce>(std::move(*maps));
    auto made = Exchange::Make(*services_, *maps_, options_, clock_, random_);
    ASSERT_TRUE(made.ok());
    exchange_ = std::move(*made);
    ASSERT_TRUE(exchange_->Start().ok());
  }

  base::Context Operator() { return {{"test", "", "operator", "operator", "", "HOPERAT"}, clock_, random_, "request-1"}; }

  std::string Take(const std::string& department, const std::string& raw) {
    const base::Context context{{"his", "", department, "system", "", "TREAT"}, clock_, random_, "request-1"};
    const adapters::Adapter* adapter = adapters::AdapterOf(department);
    return exchange_->Take(*adapter, raw, context, "peer", "row").body;
  }

  interaction::Response Ask(const std::string& method, std::string target, std::string body) {
    interaction::Request request;
    request.method = method;
    if (const size_t mark = target.find('?'); mark != std::string::npos) {
      request.query_text = target.substr(mark + 1);
      request.query = *interaction::DecodeQuery(request.query_text);
      target.resize(mark);
    }
    request.segments = Segments(target);
    request.body = std::move(body);
    return interaction::PerformAndWait(*services_, Operator(), std::move(request));
  }

  // "GET", "/messages/health/H1/42?…"
  base::Result<DeskAnswer> AskDesk(const std::string& method, std::string target, std::string body) {
    DeskCall call;
    call.method = method;
    if (const size_t mark = target.find('?'); mark != std::string::npos) {
      call.query = *interaction::DecodeQuery(target.substr(mark + 1));
      target.resize(mark);
    }
    call.path = Segments(target);
    call.body = std::move(body);
    Desk* desk = call.path.empty() ? nullptr : exchange_->FindDesk(call.path.front());
    EXPECT_NE(desk, nullptr) << target;
    if (desk == nullptr) return base::Error(base::ErrorKind::kNotFound, "exchange.unknown-message");
    call.path.erase(call.path.begin());
    audit::Leaf leaf;
    return desk->Answer(call, Operator(), leaf);
  }

  Exchange& exchange() { return *exchange_; }
  const interaction::Services& services() const { return *services_; }
  Options& options() { return options_; }  // take effect when it is opened again
  store::Store& store() { return *data_; }
  base::ManualClock& clock() { return clock_; }

  static std::vector<std::string> Segments(const std::string& target) {
    std::vector<std::string> segments;
    for (size_t start = 1; start < target.size();) {
      const size_t slash = std::min(target.find('/', start), target.size());
      segments.push_back(target.substr(start, slash - start));
      start = slash + 1;
    }
    return segments;
  }

 private:
  std::shared_ptr<const fhir::SearchParameters> parameters_;
  base::ManualClock clock_{1'790'000'000'000};
  base::SeededRandom random_{7};
  std::unique_ptr<store::DerivedView> data_view_ = audit::MakeAuditView(), access_view_ = audit::MakeAuditView();
  std::unique_ptr<store::CommitGuard> guard_ = care::MakeOccupancyGuard();
  std::unique_ptr<store::Store> data_, access_;
  std::unique_ptr<audit::Trail> trail_;
  policy::Policy policy_ = policy::Policy::Default();
  interaction::Operations operations_;
  std::unique_ptr<interaction::Services> services_;
  std::unique_ptr<mapping::MapsInForce> maps_;
  Options options_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace heyi::exchange
