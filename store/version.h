// A version of a resource as the views know it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fhir/model/definitions.h"
#include "store/journal/entry.h"

namespace heyi::store {

struct VersionRecord {
  uint32_t docid = 0;
  uint64_t version = 0;         // counts 1, 2, 3 per resource
  uint64_t t = 0;               // of the entry that wrote it
  base::TimeMs time_ms = 0;     // lastUpdated
  bool deleted = false;
  uint32_t label = 0;           // policy/'s
  std::vector<uint64_t> subjects;  // base::Hash64("Patient/<id>") of each elder it is about
  Pointer pointer;
};

struct Hit {
  const fhir::Type* type = nullptr;
  std::string id;
  VersionRecord record;
};

}  // namespace heyi::store
