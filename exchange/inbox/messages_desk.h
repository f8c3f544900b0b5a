// What came in and what became of it.
//
//   GET /exchange/messages                          ?state= &after=: a page in the order of keys
//   GET /exchange/messages/DEPARTMENT/SENDER/ID     one message, whole
#pragma once

#include <memory>

#include "exchange/desk.h"
#include "store/store.h"

namespace heyi::exchange {

std::unique_ptr<Desk> MakeMessagesDesk(const store::Store& store);  // outlives the desk

}  // namespace heyi::exchange
