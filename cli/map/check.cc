#include <cstdio>

#include "cli/map/map.h"

namespace heyi::cli {

int MapCheck(const MapWorkshop& workshop, const Arguments& arguments) {
  int wrong = 0;
  for (size_t i = 1; i < arguments.positional().size(); ++i) {
    const auto map = workshop.Map(arguments.positional()[i]);
    if (map.ok()) {
      std::printf("%s: %s version %s\n", arguments.positional()[i].c_str(), (*map)->department().c_str(), (*map)->version().c_str());
      continue;
    }
    ++wrong;
    for (const base::Issue& issue : map.error().outcome.issues()) {
      std::printf("%s: %s: %s\n", issue.expression.c_str(), issue.rule.c_str(), base::EnglishText(issue).c_str());
    }
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace heyi::cli
