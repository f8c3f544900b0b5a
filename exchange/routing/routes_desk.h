// Which change is told to whom, and what is withheld.
//
//   GET /exchange/routes            the routes as they were read
//   GET /exchange/routes/withheld   what is not told, since when, and why
//   POST /exchange/routes/withheld  forgets it, so that what is withheld again is told again; how many there were
#pragma once

#include <memory>

#include "exchange/desk.h"
#include "exchange/routing/routing.h"
#include "store/store.h"

namespace heyi::exchange {

std::unique_ptr<Desk> MakeRoutesDesk(const Routing& routing, store::Store& store);  // outlive the desk

}  // namespace heyi::exchange
