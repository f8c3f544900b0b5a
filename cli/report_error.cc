#include "cli/report_error.h"

#include <cstdio>

namespace heyi::cli {

int ReportError(const base::Error& error) {
  for (const base::Issue& issue : error.outcome.issues()) {
    std::fprintf(stderr, "heyi: %s%s%s [%s]\n", issue.expression.c_str(), issue.expression.empty() ? "" : ": ",
                 base::EnglishText(issue).c_str(), issue.rule.c_str());
  }
  return 1;
}

}  // namespace heyi::cli
