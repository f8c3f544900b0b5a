// The operation Patient/<id>/$audit-report.
#pragma once

#include <memory>

#include "interaction/operations.h"

namespace heyi::interaction {

std::unique_ptr<Operation> MakeAuditReport();

}  // namespace heyi::interaction
