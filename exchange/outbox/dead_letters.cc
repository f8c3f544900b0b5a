#include "exchange/outbox/dead_letters.h"

#include <algorithm>

namespace heyi::exchange {
namespace {

enum class Owner : uint8_t { kCustody, kReceiver, kHub };

struct DeadLetterRow {
  Fault fault;
  std::string_view severity;
  Owner owner;
};

constexpr DeadLetterRow kDeadLetters[] = {
    {Fault::kContent, "error", Owner::kCustody},    // whose data it is mends it
    {Fault::kReceiver, "error", Owner::kReceiver},  // only they can look whether it arrived
    {Fault::kAgreement, "fatal", Owner::kHub},
    {Fault::kHub, "fatal", Owner::kHub},
    {Fault::kNone, "error", Owner::kHub},
};

}  // namespace

DeadLetterRule DeadLetterRuleOf(Fault fault, const OutboxRow& row) {
  const auto found = std::find_if(std::begin(kDeadLetters), std::end(kDeadLetters), [&](const DeadLetterRow& one) { return one.fault == fault; });
  switch (found->owner) {
    case Owner::kCustody: return {found->severity, row.custody.empty() ? "hub" : row.custody};
    case Owner::kReceiver: return {found->severity, row.department};
    case Owner::kHub: break;
  }
  return {found->severity, "hub"};
}

}  // namespace heyi::exchange
