// The operation $validate.
#pragma once

#include <memory>

#include "interaction/operations.h"

namespace heyi::interaction {

std::unique_ptr<Operation> MakeValidate();

}  // namespace heyi::interaction
