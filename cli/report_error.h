// Failures on standard error, one line an issue.
#pragma once

#include "base/result.h"

namespace heyi::cli {

int ReportError(const base::Error& error);  // returns exit status 1

}  // namespace heyi::cli
