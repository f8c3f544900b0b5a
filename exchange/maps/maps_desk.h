// The maps in force, and new ones without a stop.
//
//   GET  /exchange/maps                       department, types, version, and all versions of each
//   GET  /exchange/maps/DEPARTMENT/TYPE       {"text",…} of the version in force, or ?version=
//   POST /exchange/maps                       {"text", "in_force": true}: checked, stored, put in force
//   POST /exchange/maps/replay                {"text", "limit"}: what it would make of the stored messages; nothing is written
//   POST /exchange/maps/DEPARTMENT/TYPE       {"version"}: puts a stored version (or the built-in one) in force
#pragma once

#include <memory>

#include "exchange/desk.h"
#include "exchange/maps/shelf.h"

namespace heyi::exchange {

std::unique_ptr<Desk> MakeMapsDesk(const interaction::Services& services, MapShelf& shelf);  // both outlive the desk

}  // namespace heyi::exchange
