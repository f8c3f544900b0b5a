// The audit trail: an index of leaves by elder, agent and date in each journal's views, and the tree frontiers beside
// it; searched, rendered as AuditEvents and reported from here. Leaves of changes lie in the data journal, leaves of
// reads and refusals in the access journal; a trail looks at both.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/leaf.h"
#include "audit/merkle.h"
#include "base/result.h"
#include "store/store.h"

namespace heyi::audit {

// Derived view over one journal; give one each to the data store and the access store.
std::unique_ptr<store::DerivedView> MakeAuditView();

enum class Source : char { kData = 'd', kAccess = 'a' };

struct TrailEntry {
  Source source = Source::kData;
  uint64_t t = 0;
  base::TimeMs time_ms = 0;
  Leaf leaf;
  std::string event_id() const;  // "d-17", "a-4": the AuditEvent's logical id
};

struct TrailQuery {
  std::optional<uint64_t> elder;          // base::Hash64("Patient/<id>")
  std::optional<std::string> agent;       // client, person or organization
  base::TimeMs from_ms = INT64_MIN;       // inclusive
  base::TimeMs to_ms = INT64_MAX;         // exclusive
  size_t limit = 1'000;
  std::string after;                      // event id of the last entry of the page before; empty = first page
};

struct TreeHead {
  Source source;
  uint64_t size;
  base::Digest32 sha256, sm3;
};

class Trail {
 public:
  // Both outlive the trail.
  Trail(const store::Store& data, const store::Store& access) : data_(data), access_(access) {}

  // Oldest first, merged over both journals by time.
  base::Result<std::vector<TrailEntry>> Find(const TrailQuery& query) const;
  base::Result<TrailEntry> Read(std::string_view event_id) const;  // kNotFound where there is none
  base::Result<std::vector<TreeHead>> Heads() const;

 private:
  const store::Store& data_;
  const store::Store& access_;
};

// https://hl7.org/fhir/R4/auditevent.html, one AuditEvent a leaf, agents and entities as IHE BALP arranges them. `patient_names` maps
// elder pseudonyms back to "Patient/<id>" where the viewer may know (empty: pseudonym only).
using ElderName = std::function<std::optional<std::string>(uint64_t pseudonym)>;
fhir::Tree RenderAuditEvent(const TrailEntry& entry, const ElderName& elder_name, const fhir::Definitions& definitions);

// Who exchanged what about this elder, when, for which purpose: a plain-text report in Chinese with both tree heads.
std::string RenderReport(const std::vector<TrailEntry>& entries, const std::vector<TreeHead>& heads, std::string_view elder);

}  // namespace heyi::audit
