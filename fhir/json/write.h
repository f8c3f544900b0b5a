// Tree -> FHIR JSON, compact; member order, number text and strings as they were read.
#pragma once

#include <string>

#include "fhir/model/tree.h"

namespace heyi::fhir {

void AppendJson(Node node, std::string& out);
std::string WriteJson(const Tree& tree);

// A resource as it is stored: `meta` present, without versionId and lastUpdated, which the reader splices in.
struct StoredJson {
  std::string bytes;
  uint32_t slot = 0;          // where `"versionId":…,"lastUpdated":…` goes: just behind `"meta":{`
  bool meta_empty = true;     // nothing else stands in meta: no comma follows the splice
};

// `tree` has an id. Client-set versionId and lastUpdated are dropped; meta stands where it stood, else after the id.
StoredJson WriteStored(const Tree& tree);

// The resource with its version spliced in. `bytes`/`slot` as WriteStored made them.
void AppendSpliced(std::string_view bytes, uint32_t slot, uint64_t version, std::string_view last_updated,
                   std::string& out);

}  // namespace heyi::fhir
