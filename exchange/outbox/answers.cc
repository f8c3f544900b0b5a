#include "exchange/outbox/answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace heyi::exchange {
namespace {

constexpr size_t kReasonBytesMax = 500;

std::string WhyOf(const adapters::Acknowledgement& ack) {
  if (ack.outcome.issues().empty()) return "refused";
  const std::string text = base::ChineseText(ack.outcome.issues().front());
  return base::IsValidUtf8(text) ? std::string(base::ClipUtf8(text, kReasonBytesMax)) : "refused, in an unreadable character set";
}

// HL7 v2 tells a message that is wrong (AE, CE) from one that is not for this receiver at all (AR, CR: its type, event,
// version or processing id). https://www.hl7.eu/HL7v2x/v25/std25/ch02.html
bool IsRejectedWhole(const adapters::Acknowledgement& ack) {
  const std::string_view code = ack.output["MSA"].StringAt("1");
  return code == "AR" || code == "CR";
}

}  // namespace

SendResult ResultOfAcknowledgement(const adapters::Acknowledgement& ack) {
  switch (ack.verdict) {
    case adapters::Verdict::kTaken:
    case adapters::Verdict::kKept: return {};
    case adapters::Verdict::kNotTaken: return {Sent::kNotSent, Fault::kReceiver, "not taken, to be sent again"};
    case adapters::Verdict::kRefused: break;
  }
  return {Sent::kRefused, IsRejectedWhole(ack) ? Fault::kAgreement : Fault::kContent, WhyOf(ack)};
}

SendResult ResultOfStatus(int status) {
  std::string reason = fmt::format("HTTP {}, and no acknowledgement", status);
  // Its front did not let the message in; that mends itself, or is mended, without the message.
  constexpr int kNotYet[] = {401, 403, 404, 405, 407, 408, 421, 425, 429, 503};
  if (std::find(std::begin(kNotYet), std::end(kNotYet), status) != std::end(kNotYet)) return {Sent::kNotSent, Fault::kReceiver, std::move(reason)};
  if (status >= 400 && status < 500) return {Sent::kRefused, Fault::kAgreement, std::move(reason)};
  if (status >= 300 && status < 400) return {Sent::kNotSent, Fault::kReceiver, std::move(reason)};  // no redirect is followed
  return {Sent::kUnclear, Fault::kReceiver, std::move(reason)};
}

}  // namespace heyi::exchange
