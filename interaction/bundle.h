// What transaction and batch share: an entry of the Bundle taken apart, and an entry of the answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fhir/model/tree.h"
#include "interaction/interactions.h"
#include "interaction/request.h"

namespace heyi::interaction {

struct BundleEntry {
  size_t position = 0;
  std::string full_url;
  Request request;           // method, segments, query, preconditions, resource
  std::string expression() const;  // "Bundle.entry[3]"
};

// errors  kMalformed interaction.entry-* with the entry's expression
base::Result<std::vector<BundleEntry>> ReadEntries(const Services& services, const fhir::Tree& bundle, const Request& outer);

base::Result<Step> Transaction(Call& call, std::vector<BundleEntry> entries);  // transaction.cc
base::Result<Step> Batch(Call& call, std::vector<BundleEntry> entries);        // batch.cc

// One entry of a response Bundle.
std::string EntryJson(const Response& response, bool with_body);
std::string ResponseBundleJson(std::string_view type, const std::vector<std::string>& entries);

}  // namespace heyi::interaction
