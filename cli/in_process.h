// Heyi without its front: stores, policy, operations, guards and views put together as server/ does it, asked by
// function calls. For the corpora, the benches, and tests that care for answers and not for HTTP.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "audit/trail.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/ids.h"
#include "conformance/knowledge.h"
#include "interaction/dispatch.h"
#include "interaction/operations.h"
#include "interaction/services.h"
#include "interaction/store_source.h"

namespace heyi::cli {

base::Result<std::shared_ptr<const fhir::SearchParameters>> LoadParameters(const std::string& pack_path);

class InProcess {
 public:
  // Opens (recovers) DIRECTORY/data and DIRECTORY/access. The caller is an operator, the policy the built-in one.
  static base::Result<std::unique_ptr<InProcess>> Open(std::shared_ptr<const fhir::SearchParameters> parameters, const std::string& directory);
  // The same with the built-in libraries of definitions (conformance::Knowledge::BuiltIn), so with $validate and the operations on codes, and rules for writing.
  static base::Result<std::unique_ptr<InProcess>> Open(std::shared_ptr<const fhir::SearchParameters> parameters, const std::string& directory,
                                                       const std::vector<std::string>& built_in, const interaction::WriteRules& on_write);

  // Performs, commits and answers; blocks until durable. The leaf of a write rides in its commit; that of a read is in
  // the answer and goes nowhere, for the exit that records it is server/'s.
  interaction::Response Ask(interaction::Request request) const;
  // `address` as it stands on the wire below the base, "Patient/p1" or "Patient?name=a%20b".
  interaction::Response Ask(std::string_view method, std::string_view address, std::string body) const;

  const interaction::Services& services() const { return *services_; }
  const base::Context& context() const { return context_; }

 private:
  explicit InProcess(std::shared_ptr<const fhir::SearchParameters> parameters);
  base::Result<base::Done> OpenStores(const std::string& directory);
  base::Result<base::Done> Learn(const std::vector<std::string>& built_in);

  // In the order of their making; each stands on those above it.
  base::SystemClock clock_;
  mutable base::SystemRandom random_;
  base::Context context_;
  std::shared_ptr<const fhir::SearchParameters> parameters_;
  policy::Policy policy_;
  interaction::Operations operations_;
  std::unique_ptr<store::CommitGuard> guard_;
  std::unique_ptr<store::DerivedView> beds_, data_audit_, access_audit_;
  std::unique_ptr<store::Store> data_, access_;
  std::unique_ptr<audit::Trail> trail_;
  std::unique_ptr<interaction::StoreSource> stored_;
  std::unique_ptr<conformance::Knowledge> knowledge_;
  std::unique_ptr<interaction::Services> services_;
};

// The request of `address`; segments and query decoded.
//   errors  kMalformed interaction.entry-url
base::Result<interaction::Request> MakeRequest(std::string_view method, std::string_view address, std::string body);

}  // namespace heyi::cli
