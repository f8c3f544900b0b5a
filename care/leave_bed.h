// The operation Encounter/$leave-bed.
#pragma once

#include <memory>

#include "interaction/operations.h"

namespace heyi::care {

std::unique_ptr<interaction::Operation> MakeLeaveBed();

}  // namespace heyi::care
