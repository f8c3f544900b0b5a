// The operation Task/$transition.
#pragma once

#include <memory>

#include "care/care.h"

namespace heyi::care {

std::unique_ptr<interaction::Operation> MakeTransition(const Rules& rules);

}  // namespace heyi::care
