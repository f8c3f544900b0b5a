// Loading the invented district into a running server: civil affairs' part by its messages, health's part as FHIR.
#pragma once

#include <string>

#include "cli/story/sender.h"

namespace heyi::cli {

struct LoadedDistrict {
  int messages = 0;        // taken, repeats included
  int failures = 0;
  std::string first_failure;
};

LoadedDistrict LoadDistrict(Sender& sender);

}  // namespace heyi::cli
