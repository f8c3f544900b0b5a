// What a corpus came to: how many cases passed and failed, by group, and each failure as a line of JSON.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heyi::cli {

// What becomes of an input where only that is asked.
inline constexpr std::string_view kTaken = "taken", kRefused = "refused";

struct Tally {
  uint64_t passed = 0;
  uint64_t failed = 0;
};

class Report {
 public:
  // Failures are written to `failures` as they come: {"corpus":…,"id":…,"group":…,"got":…,"wanted":…}. It outlives this.
  Report(std::string_view corpus, std::FILE* failures) : corpus_(corpus), failures_(failures) {}

  // `group` is a part of the corpus that is worth a line of its own, or empty.
  void Pass(std::string_view group);
  void Fail(std::string_view group, std::string_view id, std::string_view got, std::string_view wanted);
  // Passes when both are the same.
  void Check(std::string_view group, std::string_view id, std::string_view got, std::string_view wanted);
  void Note(std::string line) { notes_.push_back(std::move(line)); }

  const Tally& tally() const { return tally_; }
  void Print() const;  // the notes, a line a group, and `NAME: N passed, N failed`

 private:
  const std::string corpus_;
  std::FILE* const failures_;
  Tally tally_;
  std::map<std::string, Tally, std::less<>> groups_;
  std::vector<std::string> notes_;
};

}  // namespace heyi::cli
