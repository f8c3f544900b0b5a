// What the interactions work with; made once by server/ and outliving every request.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/trail.h"
#include "conformance/terminology/terminology.h"
#include "fhir/search/parameters.h"
#include "interaction/on_write.h"
#include "policy/policy.h"
#include "store/store.h"

namespace heyi::conformance {
class Terminology;
}

namespace heyi::interaction {

class Operations;
class WriteCheck;

struct Services {
  std::shared_ptr<const fhir::SearchParameters> parameters;
  store::Store& store;    // data
  store::Store& access;   // answered reads and refusals
  const audit::Trail& trail;
  const policy::Policy& policy;
  const Operations& operations;
  std::string base_url;    // "http://127.0.0.1:8080/fhir", no slash at the end
  std::string cursor_key;  // signs page links
  const conformance::Terminology* terminology = nullptr;  // null: no operations on codes
  const conformance::Validator* validator = nullptr;      // null: structure only
  WriteRules on_write = {};
  const WriteCheck* write_check = nullptr;                // null: nobody asks more of what clients write
  std::vector<std::string> subscription_topics = {};      // canonicals, for the CapabilityStatement

  const fhir::Definitions& definitions() const { return parameters->definitions(); }
};

}  // namespace heyi::interaction
