// Messages run once more, by an operator's order: one by one or a number of those parked, for real or to see what would
// become of them.
#pragma once

#include <string>

#include "base/json/value.h"
#include "exchange/pipeline.h"

namespace heyi::exchange {

// {"keys": ["health/H1/42", …]} or {"state": "parked", "type": "ADT^A01", "limit": 50}; "dry_run": true changes nothing.
//   returns  {"messages": [{"key", "before", "after", "issues": […], "outputs": […], "differences": [{"resource", "path",
//            "old", "new"}]}]}, in the order in which they had come
//   errors   kMalformed exchange.order: neither keys nor a state, or more than kReplaysMax
inline constexpr size_t kReplaysMax = 200;
base::Result<base::JsonValue> Replay(Pipeline& pipeline, const store::Store& store, const base::JsonValue& order, const base::Context& context,
                                     std::vector<std::string>* keys);

}  // namespace heyi::exchange
