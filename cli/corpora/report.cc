#include "cli/corpora/report.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "base/text.h"

namespace heyi::cli {
namespace {

constexpr size_t kShownBytesMax = 600;

}  // namespace

void Report::Pass(std::string_view group) {
  ++tally_.passed;
  if (!group.empty()) ++groups_[std::string(group)].passed;
}

void Report::Fail(std::string_view group, std::string_view id, std::string_view got, std::string_view wanted) {
  ++tally_.failed;
  if (!group.empty()) ++groups_[std::string(group)].failed;
  base::JsonValue line = base::JsonValue::Object();
  line.Set("corpus", base::JsonValue::OfString(corpus_));
  line.Set("id", base::JsonValue::OfString(id));
  if (!group.empty()) line.Set("group", base::JsonValue::OfString(group));
  line.Set("got", base::JsonValue::OfString(base::ClipUtf8(got, kShownBytesMax)));
  line.Set("wanted", base::JsonValue::OfString(base::ClipUtf8(wanted, kShownBytesMax)));
  fmt::print(failures_, "{}\n", base::WriteJson(line));
}

void Report::Check(std::string_view group, std::string_view id, std::string_view got, std::string_view wanted) {
  if (got == wanted) {
    Pass(group);
  } else {
    Fail(group, id, got, wanted);
  }
}

void Report::Print() const {
  for (const std::string& note : notes_) fmt::print("  {}: {}\n", corpus_, note);
  for (const auto& [group, tally] : groups_) {
    fmt::print("  {} {}: {} passed, {} failed\n", corpus_, group, tally.passed, tally.failed);
  }
  fmt::print("{}: {} passed, {} failed\n", corpus_, tally_.passed, tally_.failed);
  std::fflush(stdout);
}

}  // namespace heyi::cli
