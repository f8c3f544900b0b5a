// Operators link two Patients that are one person, and take a link back: what a hospital's ADT^A40 and A37 do.
//
//   POST /exchange/identity/link     {"winner": "Patient/a", "loser": "Patient/b"}
//   POST /exchange/identity/unlink   {"patients": ["Patient/a", "Patient/b"]}
// Answers {"written": ["Patient/a/_history/3", …]}; nothing written where they are one already.
#pragma once

#include <memory>

#include "exchange/desk.h"
#include "interaction/services.h"

namespace heyi::exchange {

std::unique_ptr<Desk> MakeIdentityDesk(const interaction::Services& services);  // outlives the desk

}  // namespace heyi::exchange
