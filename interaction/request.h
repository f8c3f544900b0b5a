// A FHIR request and its answer, without a transport.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "audit/leaf.h"
#include "base/context.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "store/store.h"

namespace heyi::interaction {

using Query = std::vector<std::pair<std::string, std::string>>;

enum class ReturnPreference : uint8_t { kRepresentation, kMinimal, kOutcome };

struct Request {
  std::string method;                 // GET HEAD POST PUT PATCH DELETE
  std::vector<std::string> segments;  // decoded, below the base: {"Patient", "p1", "_history"}
  Query query;                        // decoded, in order
  std::string query_text;             // as sent, for the leaf's digest
  std::string body;                   // JSON, taken over by parsing
  std::string content_type;           // of a body that is no FHIR: a patch, or a Binary's content; else empty
  std::string security_context;       // X-Security-Context, of a Binary's content
  std::optional<fhir::Tree> resource; // an entry of a Bundle comes parsed; then `body` is empty

  std::string if_match, if_none_match, if_none_exist;  // header values, empty where absent
  ReturnPreference prefer_return = ReturnPreference::kRepresentation;
  bool lenient = false;               // Prefer: handling=lenient
  std::string accept_language;        // header value
  std::string peer;

  bool reads_only() const { return method == "GET" || method == "HEAD"; }
};

struct Response {
  int status = 200;
  std::string body;           // JSON; empty where there is none
  std::string etag;           // W/"3"
  std::string location;       // absolute, with _history
  base::TimeMs last_modified_ms = 0;  // 0 = none
  std::string allow;          // of a 405
  audit::Leaf leaf;
  bool leaf_recorded = false; // it rode in the commit; else the exit writes it before the answer leaves
};

// A commit to be made, and the answer to give after it.
struct Pending {
  store::CommitDraft draft;
  std::function<Response(const store::CommitReceipt&)> render;
};

using Step = std::variant<Response, Pending>;

}  // namespace heyi::interaction
