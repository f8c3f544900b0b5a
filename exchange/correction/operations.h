// The operations of corrections.
#pragma once

#include <memory>

#include "exchange/correction/correction.h"

namespace heyi::exchange {

std::unique_ptr<interaction::Operation> MakeDispute();  // dispute.cc
std::unique_ptr<interaction::Operation> MakeSettle();   // settle.cc

}  // namespace heyi::exchange
