// The reader without sockets: every probe whole, cut in two anywhere, and byte by byte must give the same verdict.
#include "net/http_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/rules.h"
#include "net/ascii.h"
#include "tests/net/probes.h"

namespace heyi::net {
namespace {

class LimitOnly : public HttpHandler {
 public:
  uint64_t BodyBytesMax(std::string_view, std::string_view) const override { return kProbeBodyBytesMax; }
  void Handle(Request, std::unique_ptr<Responder>) override {}
  void HandleFramingError(const FramingError&, std::string_view, std::unique_ptr<Responder>) override {}
};

// Reads `pieces` one after the other and writes down what came out, a line each.
std::string Verdict(const std::vector<std::string_view>& pieces, bool fin, const Limits& limits = {}) {
  const LimitOnly handler;
  HttpReader reader(limits, handler);
  std::string verdict;
  bool open = true;
  const auto refused = [&] {
    const FramingError& error = reader.error();
    EXPECT_NE(base::LookUpRule(error.rule), nullptr) << error.rule;
    verdict += std::to_string(error.status) + " " + error.rule + " " + error.detail + "\n";
    open = false;
  };
  for (std::string_view piece : pieces) {
    // A copy of its own, so that reading past the piece or keeping views into it is seen by the sanitizer.
    const std::unique_ptr<char[]> copy(new char[piece.size()]);
    std::copy(piece.begin(), piece.end(), copy.get());
    std::string_view input(copy.get(), piece.size());
    while (open && !input.empty()) {
      const auto progress = reader.Read(&input);
      if (progress == HttpReader::Progress::kError) refused();
      if (progress != HttpReader::Progress::kRequest) continue;
      const Request request = reader.Take();
      verdict += "200 " + std::string(request.method) + " " + std::string(request.target);
      for (const auto& [name, value] : request.headers) verdict.append(" ").append(name).append("=").append(value);
      verdict += " " + std::to_string(std::hash<std::string>()(request.body)) + "\n";
      open = reader.keep_alive();
    }
  }
  if (open && fin && reader.End() == HttpReader::Progress::kError) refused();
  return verdict;
}

std::vector<int> Statuses(std::string_view verdict) {
  std::vector<int> statuses;
  for (std::string_view line : base::Split(verdict, '\n')) {
    if (!line.empty()) statuses.push_back(std::stoi(std::string(line.substr(0, 3))));
  }
  return statuses;
}

TEST(Reader, GivesEveryProbeItsStatus) {
  for (const Probe& probe : Probes()) {
    EXPECT_EQ(Statuses(Verdict({probe.bytes}, probe.end == "fin")), probe.statuses) << probe.name;
  }
}

TEST(Reader, IsSplitInvariant) {
  for (const Probe& probe : Probes()) {
    const std::string_view bytes = probe.bytes;
    const bool fin = probe.end == "fin";
    const std::string whole = Verdict({bytes}, fin);
    const auto check = [&](const std::vector<std::string_view>& pieces) {
      const std::string cut = Verdict(pieces, fin);
      EXPECT_EQ(cut, whole) << probe.name << " cut at " << pieces.front().size();
    };
    // Long ones: all cuts near both ends, and a sample between.
    for (size_t at = 1; at < bytes.size(); at += at > 300 && at + 300 < bytes.size() ? 211 : 1) {
      check({bytes.substr(0, at), bytes.substr(at)});
    }
    std::vector<std::string_view> single;
    for (size_t at = 0; at < bytes.size(); ++at) single.push_back(bytes.substr(at, 1));
    if (!single.empty()) check(single);
    std::mt19937 random(7);
    for (int round = 0; round < 5 && !bytes.empty(); ++round) {
      std::vector<std::string_view> pieces;
      for (size_t at = 0; at < bytes.size();) {
        const size_t size = 1 + random() % std::max<size_t>(bytes.size() / 4, 1);
        pieces.push_back(bytes.substr(at, size));
        at += pieces.back().size();
      }
      check(pieces);
    }
  }
}

TEST(Reader, IsSplitInvariantUnderRandomDamage) {
  std::mt19937 random(42);
  constexpr char kSpice[] = "\r\n\0: ;\t\x7f\xff" "0aGT";
  const std::string_view spice(kSpice, sizeof(kSpice) - 1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = Probes()[random() % Probes().size()].bytes;
    if (bytes.empty() || bytes.size() > 2000) continue;
    for (uint64_t n = 1 + random() % 3; n > 0; --n) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0: bytes[at] = spice[random() % spice.size()]; break;
        case 1: bytes.insert(at, 1, spice[random() % spice.size()]); break;
        case 2: if (bytes.size() > 1) bytes.erase(at, 1); break;
      }
    }
    const std::string whole = Verdict({bytes}, true);
    const size_t at = random() % bytes.size(), then = at + random() % (bytes.size() - at);
    const std::string_view view = bytes;
    EXPECT_EQ(Verdict({view.substr(0, at), view.substr(at, then - at), view.substr(then)}, true), whole) << bytes;
  }
}

TEST(Reader, KeepsBoundsThatAreSmallerThanItsInput) {
  const Limits limits{.request_line_bytes_max = 20, .header_bytes_max = 30, .headers_max = 3, .head_bytes_max = 60};
  for (const auto& [bytes, status] : std::vector<std::pair<std::string, int>>{
           {"GET /2345678 HTTP/1.0\r\n\r\n", 414},
           {"GET /234567 HTTP/1.0\r\n\r\n", 200},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(27, 'a') + "\r\n\r\n", 200},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(28, 'a') + "\r\n\r\n", 431},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: 2\r\nB: 3\r\n\r\n", 200},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: 2\r\nB: 3\r\nC: 4\r\n\r\n", 431},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: 4567890123456789012\r\nB: " + std::string(20, 'b') + "\r\n\r\n", 200},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: 4567890123456789012\r\nB: " + std::string(21, 'b') + "\r\n\r\n", 431}}) {
    const std::string whole = Verdict({bytes}, true, limits);
    EXPECT_EQ(Statuses(whole), std::vector<int>{status}) << bytes;
    for (size_t at = 1; at < bytes.size(); ++at) {
      const std::string_view view = bytes;
      EXPECT_EQ(Verdict({view.substr(0, at), view.substr(at)}, true, limits), whole) << bytes;
    }
  }
}

TEST(Reader, RoundTripsBodiesHoweverChunked) {
  const LimitOnly handler;
  const Limits limits;
  HttpReader reader(limits, handler);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string body(random() % 5000, '\0');
    for (char& c : body) c = static_cast<char>(random());
    const std::string number = std::to_string(round);
    std::string wire = "PUT /Binary/" + number + " HTTP/1.1\r\nHost: h\r\nX-Number: " + number + "\r\n";
    if (round % 2 == 0) {
      wire += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    } else {
      wire += "Transfer-Encoding: chunked\r\n\r\n";
      for (size_t at = 0; at < body.size();) {
        const size_t size = std::min<size_t>(1 + random() % 700, body.size() - at);
        char digits[17];
        std::snprintf(digits, sizeof(digits), round % 4 == 1 ? "%zx" : "%zX", size);
        wire.append(digits).append("\r\n").append(body, at, size).append("\r\n");
        at += size;
      }
      wire += "0\r\n\r\n";
    }
    std::string_view input = wire;
    auto progress = HttpReader::Progress::kMore;
    while (!input.empty()) {
      ASSERT_EQ(progress, HttpReader::Progress::kMore);
      const size_t size = std::min<size_t>(1 + random() % 2000, input.size());
      std::string_view piece = input.substr(0, size);
      progress = reader.Read(&piece);
      input.remove_prefix(size - piece.size());
    }
    ASSERT_EQ(progress, HttpReader::Progress::kRequest);
    Request taken = reader.Take();
    const Request request = std::move(taken);  // the views must survive moves
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.target, "/Binary/" + std::to_string(round));
    EXPECT_EQ(request.Header("x-number"), std::to_string(round));
    EXPECT_EQ(request.Header("absent"), "");
    EXPECT_EQ(request.body, body);
    EXPECT_TRUE(reader.idle());
  }
}

TEST(Reader, CutsAbsoluteTargetsToTheirPath) {
  const auto target = [](const std::string& absolute) {
    const std::string verdict = Verdict({"GET " + absolute + " HTTP/1.1\r\nHost: h\r\n\r\n"}, true);
    return verdict.substr(8, verdict.find(" Host=") - 8);
  };
  EXPECT_EQ(target("http://h/fhir/Patient?a=b"), "/fhir/Patient?a=b");
  EXPECT_EQ(target("https://h/"), "/");
  EXPECT_EQ(target("http://h"), "/");
  EXPECT_EQ(target("http://h?a=http://x/"), "/?a=http://x/");
}

TEST(Reader, AsksForTheBodyOnlyWhereItWillBeRead) {
  const LimitOnly handler;
  const Limits limits;
  const auto progress = [&](std::string_view headers) {
    HttpReader reader(limits, handler);
    const std::string wire = "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n" + std::string(headers) + "\r\n";
    std::string_view input = wire;
    return reader.Read(&input);
  };
  EXPECT_EQ(progress("Content-Length: 5\r\n"), HttpReader::Progress::kContinue);
  EXPECT_EQ(progress("Transfer-Encoding: chunked\r\n"), HttpReader::Progress::kContinue);
  EXPECT_EQ(progress("Content-Length: 65537\r\n"), HttpReader::Progress::kError);
  EXPECT_EQ(progress("Content-Length: 0\r\n"), HttpReader::Progress::kRequest);
  EXPECT_EQ(progress(""), HttpReader::Progress::kRequest);
}

TEST(Ascii, FindsControlCharactersAnywhere) {
  for (size_t size = 1; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, at % 2 == 0 ? 'x' : '\xff');
        text[at] = static_cast<char>(c);
        ASSERT_EQ(IsFieldValue(text), c == '\t' || (c >= 0x20 && c != 0x7f)) << size << " " << at << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace heyi::net
