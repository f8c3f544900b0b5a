// The interaction layer over one store, without a transport: what the REST cases run against.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "audit/trail.h"
#include "conformance/knowledge.h"
#include "interaction/dispatch.h"
#include "interaction/operations.h"
#include "interaction/services.h"
#include "interaction/store_source.h"
#include "interaction/url.h"

namespace heyi::interaction {

class House {
 public:
  explicit House(const std::string& directory);  // empty: in memory

  // "GET", "/Patient?name=x"
  Response Ask(const std::string& method, std::string target, std::string body);
  Response Ask(Request request);

  base::Caller caller{"test", "", "operator", "operator", "", "HOPERAT"};
  Services& services() { return *services_; }

 private:
  std::shared_ptr<const fhir::SearchParameters> parameters_;
  base::ManualClock clock_{1'790'000'000'000};
  base::SeededRandom random_{7};
  std::unique_ptr<store::DerivedView> data_view_ = audit::MakeAuditView(), access_view_ = audit::MakeAuditView();
  std::unique_ptr<store::Store> data_, access_;
  std::unique_ptr<audit::Trail> trail_;
  policy::Policy policy_ = policy::Policy::Default();
  Operations operations_;
  std::unique_ptr<StoreSource> canonicals_;
  std::unique_ptr<conformance::Knowledge> knowledge_;  // the base library, and what is stored
  std::unique_ptr<Services> services_;
};

}  // namespace heyi::interaction
