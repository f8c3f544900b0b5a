// What can be subscribed to by topic: canonical URLs and what they stand for, as data. R4 has no SubscriptionTopic
// resource; the Subscriptions R5 Backport announces the canonicals in the CapabilityStatement.
// https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fhir/path/path.h"
#include "fhir/search/criteria.h"
#include "fhir/search/parameters.h"

namespace heyi::exchange {

enum class ChangeKind : uint8_t { kCreate = 1, kUpdate = 2, kDelete = 4 };

std::string_view ChangeName(ChangeKind kind);  // "create"
std::optional<ChangeKind> ChangeKindOf(std::string_view name);

// One line of the table.
struct TopicRow {
  std::string_view url;
  std::string_view type;       // the focus
  unsigned changes;            // bits of ChangeKind
  std::string_view criteria;   // search text that the new version matches (of a delete: the old one); empty: any
  std::string_view path;       // FHIRPath over %current and %previous (each may be empty) that must hold; empty: none
  std::string_view filters;    // search parameters that a subscription may filter by, parted by blanks
};

struct TopicTrigger {
  const fhir::Type* type = nullptr;
  unsigned changes = 0;
  std::vector<fhir::Criterion> criteria;
  std::optional<fhir::Expression> path;
  std::vector<std::string> filters;  // sorted
};

struct Topic {
  std::string url;
  std::vector<TopicTrigger> triggers;  // one a type
};

// A version that came to be, and the one before it (null where there is none or it was deleted).
struct ResourceChange {
  ChangeKind kind = ChangeKind::kCreate;
  const fhir::Type* type = nullptr;
  std::string id;
  const fhir::Tree* current = nullptr;   // null of a delete
  const fhir::Tree* previous = nullptr;
  base::TimeMs time_ms = 0;

  const fhir::Tree* judged() const { return current != nullptr ? current : previous; }
};

class Topics {
 public:
  // `parameters` and its definitions outlive the topics.
  //   errors  kInvalid for a row that its own types do not understand
  static base::Result<Topics> Compile(const std::vector<TopicRow>& rows, const fhir::SearchParameters& parameters);
  static const std::vector<TopicRow>& DistrictRows();

  const Topic* Find(std::string_view url) const;  // null where there is none
  std::vector<std::string> urls() const;

 private:
  std::deque<Topic> topics_;
};

// Did this change happen as the topic means it? An expression that fails on this resource says no.
bool Triggers(const Topic& topic, const ResourceChange& change);

}  // namespace heyi::exchange
