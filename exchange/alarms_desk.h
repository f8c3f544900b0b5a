// GET /exchange/alarms: what is open. POST /exchange/alarms/resolve {"key": "…"}: an operator has seen to it.
#pragma once

#include <memory>

#include "exchange/alarms.h"
#include "exchange/desk.h"

namespace heyi::exchange {

std::unique_ptr<Desk> MakeAlarmsDesk(Alarms& alarms);  // outlives the desk

}  // namespace heyi::exchange
