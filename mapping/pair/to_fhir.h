// Message -> resources.
#pragma once

#include "mapping/pair/program.h"

namespace heyi::mapping {

base::Result<Mapped> RunToFhir(const MapProgram& program, const adapters::Message& message, TargetSource& source);

}  // namespace heyi::mapping
