// The audit leaf: a compact record of one crossing of the boundary, written with the data it is about or, for reads
// and refusals, into the access journal before the answer leaves. It holds ids and digests, never content.
// AuditEvents are rendered from leaves (audit/event.h). docs/audit.md has the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"

namespace heyi::audit {

enum class Action : char { kCreate = 'C', kRead = 'R', kUpdate = 'U', kDelete = 'D', kExecute = 'E' };

struct LeafResource {
  std::string type;
  std::string id;
  uint64_t version = 0;  // 0 where none is meant (a refused write)
  Action action = Action::kRead;
};

struct Leaf {
  base::Caller caller;
  std::string peer;          // network address
  std::string request_id;
  Action action = Action::kRead;
  std::string interaction;   // "read", "search-type", "transaction", "message", "$transition", "deliver" …
  int status = 200;          // HTTP, or what the department's acknowledgement amounts to
  std::string rule;          // of the first issue where refused; else empty
  std::string agreement;     // under which sharing agreement or policy row
  std::vector<LeafResource> resources;  // at most kLeafResourcesMax; `resources_more` counts the rest
  uint32_t resources_more = 0;
  std::vector<uint64_t> elders;         // base::Hash64("Patient/<id>"), one each elder concerned
  std::string query_hash;    // hex SHA-256 of the raw query, where there was one
  std::string message_id;    // "department/sender/message id" for exchange crossings
  std::string recipient;     // organization or destination that received, for deliveries
};

inline constexpr size_t kLeafResourcesMax = 1'200;

std::string EncodeLeaf(const Leaf& leaf);
base::Result<Leaf> DecodeLeaf(std::string_view bytes);

}  // namespace heyi::audit
