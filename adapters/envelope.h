// What the departments' envelopes have in common: a bounded JSON object, a digest over the exact bytes of one of its
// values, and an acknowledgement that says in Chinese what was wrong.
#pragma once

#include <string>
#include <string_view>

#include "adapters/message.h"

namespace heyi::adapters {

// errors  kTooLarge adapter.too-large; kMalformed json.*, adapter.kind (no object)
base::Result<base::JsonValue> ParseEnvelope(std::string_view raw);

// The bytes of an object or array as they were sent.
std::string_view BytesOf(std::string_view raw, const base::JsonValue& value);

// SM3 in hex, lower case.
std::string Sm3Hex(std::string_view bytes);
bool IsSameDigest(std::string_view sent, std::string_view computed);  // hex, in either case

// Reads `raw`: the envelope by its model, the record by the model of its type. The parts that differ come from the
// caller: names of the members and the digest's check.
struct EnvelopeForm {
  std::string_view department, type, id, sender, sent, record;
};
base::Result<Message> ReadMessage(const EnvelopeForm& form, std::string_view raw,
                                  void (*check_digest)(std::string_view raw, const base::JsonValue& envelope, base::Outcome& outcome));

// The issues in Chinese, with the department's own names of the fields: "老人居民身份证号(data.elderIdCard)：…；…".
std::string ExplainInChinese(const base::Outcome& outcome, std::string_view department, std::string_view type);

// The rule an acknowledgement names: of the first error, else of the first issue, else empty.
std::string RuleOf(const base::Outcome& outcome);

// A verdict in the acknowledgements that are ours to define: 0 taken, 1 refused, 2 kept, 3 not taken.
std::string_view CodeOf(Verdict verdict);

// A member of an envelope that may not have been readable: text, or empty.
std::string_view TextIn(const base::Result<base::JsonValue>& envelope, std::string_view member);

}  // namespace heyi::adapters
