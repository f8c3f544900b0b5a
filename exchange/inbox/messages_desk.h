// What came in and what became of it.
//
//   GET  /exchange/messages                        ?sender= &type= &elder= &state= &department= &from= &to= &after=
//   GET  /exchange/messages/DEPARTMENT/SENDER/ID   one message, whole
//   POST /exchange/messages/replay                 inbox/replay.h
#pragma once

#include <memory>

#include "exchange/desk.h"
#include "exchange/pipeline.h"

namespace heyi::exchange {

std::unique_ptr<Desk> MakeMessagesDesk(const interaction::Services& services, Pipeline& pipeline);  // both outlive the desk

}  // namespace heyi::exchange
