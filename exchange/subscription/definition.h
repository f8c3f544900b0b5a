// A Subscription, understood: what it asks for, where it goes, in which form. Read strictly: what we would not honour is
// refused, not accepted and ignored.
// https://hl7.org/fhir/R4/subscription.html
// https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "exchange/subscription/limits.h"
#include "exchange/subscription/topics.h"
#include "fhir/model/tree.h"
#include "fhir/search/criteria.h"

namespace heyi::exchange {

// What a notification carries.
enum class NoticeContent : uint8_t {
  kPing,      // R4 without payload: a POST without body
  kResource,  // R4 with payload: the resource, by PUT to [endpoint]/[type]/[id]
  kEmpty,     // backport: Bundles, by POST to the endpoint
  kIdOnly,
  kFull,
};

// "id-only"; of the R4 kinds the nearest: "empty", "full-resource".
std::string_view ContentName(NoticeContent content);

// All criteria must match a resource of that type; other types are not filtered by it.
struct SubscriptionFilter {
  const fhir::Type* type = nullptr;
  std::vector<fhir::Criterion> criteria;
};

struct SubscriptionDefinition {
  std::string status;
  const Topic* topic = nullptr;             // null: R4 criteria, the one filter
  std::vector<SubscriptionFilter> filters;
  std::string endpoint;                     // normalized, http.client's spelling
  std::vector<std::pair<std::string, std::string>> headers;
  NoticeContent content = NoticeContent::kPing;
  uint32_t heartbeat_s = 0;                 // 0 = none
  uint32_t timeout_ms = 0;                  // 0 = the limit's
  uint32_t batch_events = 1;
  base::TimeMs end_ms = INT64_MAX;
};

// What a definition is read with; all outlive it.
struct SubscriptionTerms {
  const fhir::SearchParameters& parameters;
  const Topics& topics;
  const std::vector<std::string>& allowed_prefixes;
  const SubscriptionLimits& limits;
};

// errors  kInvalid, all issues with expressions: subscription.status, .criteria, .filter, .topic, .channel, .endpoint,
//         .header, .payload, .content, .extension, .end
base::Result<SubscriptionDefinition> ReadSubscription(const fhir::Tree& subscription, const SubscriptionTerms& terms);

// Does a change concern the subscription?
bool Concerns(const SubscriptionDefinition& definition, const ResourceChange& change);

// The endpoint as it will be connected to.
//   errors  kInvalid subscription.endpoint: not under an allowed prefix, or a form that could mean another place
base::Result<std::string> CheckEndpoint(std::string_view endpoint, const std::vector<std::string>& allowed_prefixes,
                                        bool addressed_below);

inline constexpr std::string_view kBackportUrl = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

}  // namespace heyi::exchange
