// The operation Location/$free-beds.
#pragma once

#include <memory>

#include "interaction/operations.h"

namespace heyi::care {

std::unique_ptr<interaction::Operation> MakeFreeBeds();

}  // namespace heyi::care
