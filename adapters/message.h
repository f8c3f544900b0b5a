// A department's message taken out of its envelope, and the answer that goes back in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json/value.h"
#include "base/result.h"

namespace heyi::adapters {

struct Message {
  std::string department;     // civil-affairs | health | health-cda | insurance
  std::string type;           // "ELDER", "BED_REFERRAL", "2401", "ADT^A01", "C0053"
  std::string sender;         // credit code (USCC), or fixmedins_code; HL7 v2: MSH-4, else MSH-3
  std::string id;             // msgId / msgid / MSH-10: unique per sender
  std::optional<base::TimeMs> sent_ms;
  base::JsonValue envelope;   // the whole document; byte offsets are into the raw text
  base::JsonValue record;     // the payload: civil affairs `data`, insurance `input`, HL7 v2's segments behind MSH
  std::string record_path;    // "data", "input", "v2": prefix of expressions in issues and lineage
};

// What became of a message, before it is put into a department's words.
enum class Verdict : unsigned char {
  kTaken,    // done and durable
  kRefused,  // wrong; the sender must correct it
  kKept,     // durable but not yet understood or not yet possible: do not resend
  kNotTaken,  // nothing wrong with it, but it could not be kept: send the same bytes again later
};

struct Acknowledgement {
  Verdict verdict = Verdict::kTaken;
  base::Outcome outcome;        // why, where refused or kept
  base::JsonValue output;       // insurance: the `output` node, e.g. {"result":{"mdtrt_id":…}}; null else
  std::string ref_message_id;   // ours for this answer
  base::TimeMs received_ms = 0, answered_ms = 0;
};

// One department's envelope, syntax, digest and acknowledgement. Pure.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual std::string_view department() const = 0;
  virtual std::string_view media_type() const { return "application/json; charset=utf-8"; }  // of its answers over HTTP

  // errors  kMalformed json.*, adapter.* (field missing, of a wrong kind or length, digest wrong), expression = path of
  //         the field ("data.elderIdCard", "input.mdtrtinfo.begntime"); kUnsupported adapter.unknown-type
  virtual base::Result<Message> Read(std::string_view raw) const = 0;

  // The answer to `raw`; `message` is null where it could not be read (what can still be told of its id is used). Empty
  // where the sender wants none (HL7 v2's MSH-15 and MSH-16).
  virtual std::string Answer(std::string_view raw, const Message* message, const Acknowledgement& ack) const = 0;

  // A message of ours to that department: the envelope around `record`, digest included.
  struct Outgoing {
    std::string type;
    std::string id;
    std::string sender;         // the hub's own code
    std::string area_code;
    base::TimeMs now_ms = 0;
    base::JsonValue record;
  };
  virtual std::string Write(const Outgoing& outgoing) const = 0;

  // Reads the other side's answer to Write: did it take the message?
  //   errors  kMalformed adapter.answer: not an answer of that department
  virtual base::Result<Acknowledgement> ReadAnswer(std::string_view raw) const = 0;
};

const Adapter& CivilAdapter();
const Adapter& InsuranceAdapter();
const Adapter& HealthAdapter();
const Adapter& CdaAdapter();
const Adapter* AdapterOf(std::string_view department);

}  // namespace heyi::adapters
