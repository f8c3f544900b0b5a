// What commands that work without a server share: the definitions, and resources in files.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "fhir/model/definitions.h"
#include "fhir/model/tree.h"

namespace heyi::cli {

base::Result<std::shared_ptr<const fhir::Definitions>> LoadDefinitions();

// A file's text; "-" is standard input. A byte order mark in front is dropped.
base::Result<std::string> ReadText(const std::string& path);

}  // namespace heyi::cli
