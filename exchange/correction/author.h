// Who wrote an element last, by the record itself: the version in which its value came to be what it is, the commit that
// wrote this version, and where a message did, its Provenance and lineage.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/path/path.h"
#include "interaction/services.h"

namespace heyi::exchange {

// What stands at `path`, as text: values as they are written, objects as JSON, several parted by line feeds; empty where
// nothing stands there or the path cannot be evaluated.
std::string ValueAtPath(const fhir::Tree& resource, const fhir::Expression& path);

struct Author {
  std::string department;    // civil-affairs, health, insurance, hub; empty where it cannot be known
  std::string organization;  // "Organization/o1", or empty
  uint64_t version = 0;      // in which the value came
  std::string source;        // "civil-affairs/<sender>/<id> data.phone": message and field; empty where no message wrote it
};

// Of the current resource; nullopt where there is none.
base::Result<std::optional<Author>> FindAuthor(const interaction::Services& services, const store::Snapshot& snapshot, const fhir::Type& type,
                                               std::string_view id, const fhir::Expression& path);

// The department that made the entry at `t`; empty where it cannot be known.
base::Result<std::string> DepartmentOfEntry(const store::Store& store, uint64_t t, std::string* organization);

}  // namespace heyi::exchange
