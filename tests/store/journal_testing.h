// What the tests of the journal share: directories, drafts, and what a journal holds as plain values.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "store/journal/file_journal.h"
#include "store/journal/journal.h"

namespace heyi::store {

class TestDirectory {  // in memory where there is such a file system: these tests sync thousands of times
 public:
  TestDirectory() {
    const std::filesystem::path shared = "/dev/shm";
    const bool there = std::filesystem::is_directory(shared);
    std::string name = ((there ? shared : std::filesystem::temp_directory_path()) / "heyi-journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteAll(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A journal as a killed process leaves it: what has been appended is there, the closing mark is not.
inline std::string CrashImage(const std::string& directory, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::create_directory(to);
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const std::string name = file.path().filename().string();
    if (name.ends_with(".seg") || name == "FORMAT") std::filesystem::copy(file, to + "/" + name);
  }
  return to;
}

template <typename T>
std::string RuleOf(const base::Result<T>& result) {
  return result.ok() ? "" : result.error().outcome.issues().at(0).rule;
}

template <typename T>
std::string DetailOf(const base::Result<T>& result) {
  return result.ok() ? "" : result.error().outcome.issues().at(0).detail;
}

// An entry as plain values, with its bodies' raw bytes, or the rule that refused them.
struct Held {
  EntryKind kind{};
  uint64_t t = 0;
  base::TimeMs time_ms = 0;
  std::string leaf;
  std::vector<std::tuple<std::string, std::string, std::string>> facts;
  std::vector<std::tuple<std::string, std::string, uint64_t, bool, uint32_t, uint32_t, std::string>> bodies;
  std::string merkle;
  bool operator==(const Held&) const = default;
};

struct TestJournal {
  base::ManualClock clock{1'800'000'000'000};
  base::SeededRandom random{7};
  RecoveryReport report;
  std::unique_ptr<FileJournal> journal;

  base::Result<base::Done> Open(const std::string& directory, const SegmentSizes& sizes = {4096, 8192}) {
    journal.reset();
    auto opened = FileJournal::Open({directory, &clock, &random}, sizes, &report);
    if (!opened.ok()) return opened.error();
    journal = std::move(*opened);
    return base::Done{};
  }

  base::Result<std::vector<AppendedEntry>> Append(const std::vector<EntryDraft>& drafts) {
    std::vector<EntryDraft> copies = drafts;
    std::vector<EntryDraft*> group;
    for (EntryDraft& draft : copies) group.push_back(&draft);
    return journal->Append(group);
  }

  EntryDraft Draft(const std::string& id, const std::string& raw) const {
    EntryDraft draft;
    draft.leaf = "leaf of " + id;
    draft.facts = {{"inbox", id, "received"}, {"outbox", id, std::nullopt}, {"empty", "", ""}};
    draft.bodies.push_back(journal->Pack("Patient", id, 1, raw, 5, 3));
    return draft;
  }

  Held Copy(const EntryView& entry) const {
    Held held{entry.kind, entry.t, entry.time_ms, std::string(entry.leaf), {}, {}, std::string(entry.merkle_bytes)};
    for (const Fact& fact : entry.facts) {
      held.facts.emplace_back(fact.space, fact.key, fact.value.has_value() ? "=" + *fact.value : "removed");
    }
    for (const BodyView& body : entry.bodies) {
      const base::Result<std::string> raw = journal->ReadBody(body.pointer);
      held.bodies.emplace_back(body.type, body.id, body.version, body.deleted, body.label, body.pointer.slot,
                               raw.ok() ? *raw : RuleOf(raw));
    }
    return held;
  }

  std::vector<Held> All(uint64_t from_t = 1) const {
    std::vector<Held> all;
    const auto scanned = journal->Scan(from_t, [&](const EntryView& entry) -> base::Result<bool> {
      all.push_back(Copy(entry));
      return true;
    });
    EXPECT_TRUE(scanned.ok()) << DetailOf(scanned);
    return all;
  }
};

inline std::string RandomText(std::mt19937_64& engine, size_t size) {
  std::string text(size, ' ');
  const bool compressible = engine() % 2 == 0;
  for (char& c : text) c = static_cast<char>(compressible ? 'a' + engine() % 3 : engine());
  return text;
}

}  // namespace heyi::store
