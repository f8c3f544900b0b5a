// How bad it is that a message was not delivered, and which department has to see to it.
#pragma once

#include <string>
#include <string_view>

#include "exchange/channel.h"

namespace heyi::exchange {

struct DeadLetterRule {
  std::string_view severity;  // error: this message alone; fatal: none of its kind will get through
  std::string owner;          // department
};

DeadLetterRule DeadLetterRuleOf(Fault fault, const OutboxRow& row);

}  // namespace heyi::exchange
