// The frame reader without sockets: every row whole, cut in two anywhere, in three at random, and byte by byte.
#include "net/mllp_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "tests/net/probes.h"

namespace heyi::net {
namespace {

struct Row {
  std::string name, messages, end, bytes;
  uint64_t dropped = 0;
};

std::vector<Row> Rows() {
  std::vector<Row> rows;
  std::ifstream file(HEYI_SOURCE_DIR "/tests/data/net/mllp.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto columns = base::Split(line, '\t');
    EXPECT_EQ(columns.size(), 5u) << line;
    rows.push_back({std::string(columns[0]), columns[1] == "-" ? "" : Unescape(columns[1]), std::string(columns[3]), Unescape(columns[4]),
                    std::stoull(std::string(columns[2]))});
  }
  EXPECT_GT(rows.size(), 25u);
  return rows;
}

// "messages, dropped, end" of `pieces` one after the other.
std::string Verdict(const std::vector<std::string_view>& pieces) {
  MllpReader reader({.message_bytes_max = 64, .noise_bytes_max = 16});
  std::string messages;
  const char* end = "keep";
  for (std::string_view piece : pieces) {
    // A copy of its own, so that reading past the piece is seen by the sanitizer.
    const std::unique_ptr<char[]> copy(new char[piece.size()]);
    std::copy(piece.begin(), piece.end(), copy.get());
    std::string_view input(copy.get(), piece.size());
    while (!input.empty()) {
      const auto progress = reader.Read(&input);
      if (progress == MllpReader::Progress::kMessage) messages += (messages.empty() ? "" : " / ") + reader.Take();
      if (progress == MllpReader::Progress::kError) {
        EXPECT_STRNE(reader.error(), "");
        end = "close";
        input = {};
      }
    }
  }
  return messages + " " + std::to_string(reader.dropped()) + " " + end;
}

TEST(MllpReader, ReadsEveryRowHoweverItIsCut) {
  std::mt19937 random(7);
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    const std::string want = row.messages + " " + std::to_string(row.dropped) + " " + row.end;
    const std::string_view bytes = row.bytes;
    EXPECT_EQ(Verdict({bytes}), want);
    const size_t step = bytes.size() > 1000 ? 97 : 1;
    for (size_t cut = 0; cut <= bytes.size(); cut += step) {
      ASSERT_EQ(Verdict({bytes.substr(0, cut), bytes.substr(cut)}), want) << "cut at " << cut;
    }
    std::vector<std::string_view> single;
    for (size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
    EXPECT_EQ(Verdict(single), want) << "byte by byte";
    for (int i = 0; i < 20; ++i) {
      size_t a = random() % (bytes.size() + 1), b = random() % (bytes.size() + 1);
      if (a > b) std::swap(a, b);
      EXPECT_EQ(Verdict({bytes.substr(0, a), bytes.substr(a, b - a), bytes.substr(b)}), want) << a << " " << b;
    }
  }
}

TEST(MllpReader, AnOpenFrameIsDroppedAtTheEnd) {
  for (const char* text : {"\x0b" "abc", "\x0b" "abc\x1c", "\x0b"}) {
    MllpReader reader({});
    std::string_view input = text;
    EXPECT_EQ(reader.Read(&input), MllpReader::Progress::kMore);
    EXPECT_FALSE(reader.idle());
    reader.End();
    EXPECT_EQ(reader.dropped(), 1u);
  }
  MllpReader reader({});
  reader.End();
  EXPECT_EQ(reader.dropped(), 0u);
}

// Noise of bytes that matter: whole frames that come out are ones that went in, in order.
TEST(MllpReader, NeverMakesAMessageOfTwo) {
  std::mt19937 random(11);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes;
    std::vector<std::string> sent;
    for (int i = 0; i < 6; ++i) {
      const std::string body = "m" + std::to_string(i);
      switch (random() % 5) {
        case 0: bytes += "\x0b" + body; break;                      // never ended
        case 1: bytes += "\x0b" + body + "\x1c"; break;             // no CR
        case 2: bytes += body + "\x1c\r"; break;                    // no VT
        default:
          bytes += "\x0b" + body + "\x1c\r";
          sent.push_back(body);
      }
    }
    MllpReader reader({});
    std::vector<std::string> got;
    for (std::string_view input = bytes; !input.empty();) {
      if (reader.Read(&input) == MllpReader::Progress::kMessage) got.push_back(reader.Take());
    }
    for (const std::string& body : got) ASSERT_LE(body.size(), 4u) << bytes;  // at most what followed an open VT: "m0m1"
    for (const std::string& body : sent) ASSERT_NE(std::find(got.begin(), got.end(), body), got.end()) << bytes;
  }
}

}  // namespace
}  // namespace heyi::net
