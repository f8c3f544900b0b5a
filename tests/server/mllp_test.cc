// HL7 v2 and CDA against the running server: every row of tests/data/adapters/v2.tsv by MLLP, what frames and batches may do
// wrong, and the documents of rows C01 to C04.
#include <set>

#include "base/charset.h"
#include "net/mllp_server.h"
#include "tests/net/wire.h"
#include "tests/server/running_house.h"

namespace heyi::server {
namespace {

class Mllp : public ::testing::Test {
 protected:
  // The acknowledgement; empty where none comes within `wait_ms`.
  std::string Send(const std::string& message, int wait_ms = 5'000) { return SendRaw('\x0b' + message + "\x1c\r", wait_ms); }

  std::string SendRaw(const std::string& bytes, int wait_ms) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(house_.mllp_port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t now = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) break;
      sent += static_cast<size_t>(now);
    }
    std::string answer;
    for (pollfd wait{fd, POLLIN, 0}; answer.find('\x1c') == std::string::npos && ::poll(&wait, 1, wait_ms) > 0;) {
      char buffer[4096];
      const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      answer.append(buffer, static_cast<size_t>(got));
    }
    ::close(fd);
    const size_t end = answer.find('\x1c');
    return end == std::string::npos ? std::string() : answer.substr(1, end - 1);
  }

  static std::string CodeOf(const std::string& acknowledgement) {
    const size_t msa = acknowledgement.find("\rMSA");  // what follows is the sender's own delimiter
    return msa == std::string::npos ? "-" : acknowledgement.substr(msa + 5, 2);
  }

  static std::string Good() { return *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/mapping/health/ADT_A01/new_elder/in.hl7"); }

  testing::Answer Ask(std::string method, std::string_view target, std::string body = {}) {
    net::ClientRequest request;
    request.method = std::move(method);
    request.body = std::move(body);
    request.headers = {{"Authorization", "Bearer " + house_.Token("operator")}};
    return house_.Ask(std::move(request), target);
  }
  std::string Total(const std::string& type) { return std::string(base::ParseJson(Ask("GET", "/fhir/" + type + "?_total=accurate&_count=1").body)->StringAt("total")); }

  RunningHouse house_;
};

TEST_F(Mllp, EveryRowIsAnswered) {
  const std::string table = *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/adapters/v2.tsv");
  size_t rows = 0;
  for (std::string_view line : base::Split(table, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> columns = base::Split(line, '\t');
    ASSERT_EQ(columns.size(), 5u);
    SCOPED_TRACE(columns[0]);
    std::string raw = Good();
    const std::string there = net::Unescape(columns[1]), instead = net::Unescape(columns[2]);
    if (there == "=") raw = instead;
    else raw.replace(raw.find(there), there.size(), instead);
    if (raw.size() > net::MllpLimits().message_bytes_max) continue;  // the connection is closed: FramesThatAreNone
    if (raw.find('\x1c') != std::string::npos || raw.find('\x0b') != std::string::npos) continue;  // the frame's own bytes
    if (raw.empty()) continue;  // an empty frame is noise
    const bool silent = columns[3] == "-";
    const std::string answer = Send(raw, silent ? 300 : 10'000);
    ++rows;
    if (columns[3] == "AA" || columns[3] == "CA") {  // right by itself; whether it can be done depends on what stands
      EXPECT_TRUE(std::set<std::string>({"AA", "AE", "CA", "CE"}).contains(CodeOf(answer))) << answer;
      continue;
    }
    EXPECT_EQ(CodeOf(answer), std::string(columns[3])) << answer.substr(0, 1'000);
    if (!silent && columns[4] != "-") {
      const std::string code(columns[4].substr(0, 3));
      EXPECT_NE(answer.find("|" + code + "^"), std::string::npos) << code << "\n" << answer.substr(0, 1'000);
    }
  }
  EXPECT_GT(rows, 50u);
  EXPECT_EQ(Ask("GET", "/health/live").status, 200);
}

TEST_F(Mllp, ARepeatIsAnsweredAlikeAndOtherContentIsRefused) {
  const std::string first = Send(Good());
  EXPECT_EQ(CodeOf(first), "AA") << first;
  EXPECT_EQ(Send(Good()), first);
  EXPECT_EQ(Total("Patient"), "1");
  EXPECT_EQ(Total("Encounter"), "1");
  const std::string refused = Send(Good() + "ZZZ|1\r");
  EXPECT_EQ(CodeOf(refused), "AE");
  EXPECT_NE(refused.find("|205^"), std::string::npos) << refused;
}

TEST_F(Mllp, ARepeatInGb18030IsAnsweredAlike) {
  std::string message = Good();
  message.replace(message.find("UNICODE UTF-8"), 13, "GB 18030-2000");
  const std::string bytes = base::CharsetConverter(base::Charset::kGb18030).FromUtf8(message);
  const std::string first = Send(bytes);
  EXPECT_EQ(CodeOf(first), "AA") << first;
  EXPECT_EQ(Send(bytes), first);
  EXPECT_EQ(Total("Patient"), "1");
}

TEST_F(Mllp, FramesThatAreNone) {
  EXPECT_EQ(SendRaw(Good(), 300), "") << "no VT, no FS";
  EXPECT_EQ(CodeOf(SendRaw("noise\x0b" + Good() + "\x1c\r", 5'000)), "AA") << "noise before a frame is dropped";
  EXPECT_EQ(SendRaw("\x0b" + std::string(5 << 20, 'x'), 5'000), "") << "five megabytes without an end";
  EXPECT_EQ(Ask("GET", "/health/live").status, 200);
}

TEST_F(Mllp, Batches) {
  std::string second = Good();
  second.replace(second.find("MSG1"), 4, "MSG2");
  const std::string batch = "BHS|^~\\&|HIS|H|||20260310||||B1\r" + Good() + second;
  const std::string right = Send(batch + "BTS|2\r");
  EXPECT_EQ(right.substr(0, 3), "BHS");
  EXPECT_NE(right.find("MSA|AA|MSG1"), std::string::npos) << right;
  EXPECT_NE(right.find("MSA|AA|MSG2"), std::string::npos) << right;
  const std::string wrong = Send("BHS|^~\\&|HIS|H|||20260310||||B2\r" + Good() + "BTS|7\r");
  EXPECT_NE(wrong.find("MSA|AE|B2"), std::string::npos) << "the count is wrong: " << wrong;
  EXPECT_NE(wrong.find("MSA|AA|MSG1"), std::string::npos) << "each message keeps its result";
}

TEST_F(Mllp, DocumentsThatAreRefused) {
  const std::string good = *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/mapping/health-cda/C0053/discharge/in.xml");
  const auto code_of = [&](const std::string& document) {
    const auto answer = Ask("POST", "/exchange/health-cda", document);
    const auto json = base::ParseJson(answer.body);
    return json.ok() ? std::string(json->StringAt("code")) : answer.body;
  };
  int documents = 0;
  const auto with = [&](std::string_view there, std::string_view instead) {
    std::string document = good;  // under a number of its own: one number is one document
    document.replace(document.find("RN20250011"), 10, "RN2025" + std::to_string(1'000 + documents++));
    document.replace(document.find(there), there.size(), instead);
    return document;
  };
  const std::string root = "<ClinicalDocument";
  EXPECT_EQ(code_of(with(root, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" + root)), "1") << "C01";
  EXPECT_EQ(code_of(with("2.16.156.10011.2.1.1.73", "1.2.3")), "1") << "C02 another template";
  EXPECT_EQ(code_of(with("</recordTarget>", "</recordTarget>" + good.substr(good.find("<recordTarget"), good.find("</recordTarget>") + 15 - good.find("<recordTarget")))), "1")
      << "C04 two patients";
  EXPECT_EQ(code_of(good.substr(0, good.size() / 2)), "1") << "cut off";
  EXPECT_EQ(code_of(""), "1");
  EXPECT_EQ(code_of(good), "2") << "an elder whom nobody knows: kept";
  EXPECT_EQ(code_of(good), "2") << "and again the same answer";
  EXPECT_EQ(Total("DocumentReference"), "0");
}

}  // namespace
}  // namespace heyi::server
