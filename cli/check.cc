// heyi check: reads both journals whole and says how much was seen, or where the first damage lies.
#include <cstdio>

#include "cli/command.h"
#include "cli/report_error.h"
#include "store/journal/journal.h"

namespace heyi::cli {

int RunCheck(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("data")) {
    std::fprintf(stderr, "usage: heyi check --data DIR\n");
    return 2;
  }
  int status = 0;
  for (const char* journal : {"data", "access"}) {
    uint64_t entries = 0, bytes = 0;
    const auto verified = store::VerifyJournal(arguments.Option("data", "") + "/" + journal + "/journal", &entries, &bytes);
    if (verified.ok()) {
      std::printf("%s: %llu entries, %llu bytes, sound\n", journal, static_cast<unsigned long long>(entries), static_cast<unsigned long long>(bytes));
    } else {
      std::printf("%s: damaged after %llu entries\n", journal, static_cast<unsigned long long>(entries));
      status = ReportError(verified.error());
    }
  }
  return status;
}

}  // namespace heyi::cli
