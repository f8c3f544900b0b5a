// HL7 v2 messages as others have published them: each is split and put together again, taken by the whole exchange, and
// answered with an acknowledgement that says why where it is not taken; and cut short or changed, it is answered still.
// https://github.com/microsoft/FHIR-Converter, https://github.com/GoogleCloudPlatform/healthcare-data-harmonization
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "adapters/health/v2/batch.h"
#include "adapters/health/v2/character_set.h"
#include "adapters/health/v2/syntax.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/in_process.h"
#include "cli/scratch_directory.h"
#include "exchange/exchange.h"
#include "mapping/map_library.h"

namespace heyi::cli {
namespace {

using adapters::V2Message;

constexpr std::string_view kAnswered = "answered";
constexpr size_t kCutsAFile = 60;  // places at which a file is cut short, and changed, spread over it

std::vector<std::string> MessageFiles(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, failed)) {
    if (entry.path().extension() == ".hl7") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Each segment on a line of its own that ends in CR, and nothing in front.
std::string WithPlainLines(std::string_view raw) {
  if (raw.starts_with("\xef\xbb\xbf")) raw.remove_prefix(3);
  std::string plain;
  for (char c : raw) {
    const bool end = c == '\r' || c == '\n';
    if (!end) plain += c;
    if (end && !plain.empty() && plain.back() != '\r') plain += '\r';
  }
  if (!plain.empty() && plain.back() != '\r') plain += '\r';
  return plain;
}

// kSame, or what is wrong. A message that cannot be split must say which rule it breaks.
std::string ThereAndBack(std::string_view raw) {
  base::Outcome ignored;
  const auto message = V2Message::Parse(raw, adapters::FindCharacterSet(raw, ignored).charset);
  if (!message.ok()) return message.error().outcome.empty() ? "refused without a reason" : std::string(kSame);
  return message->Encode() == WithPlainLines(raw) ? std::string(kSame) : "changed";
}

// MSH-15 and MSH-16 may say that nobody waits for an answer.
bool WantsNoAnswer(std::string_view raw) {
  const auto header = V2Message::ParseHeader(raw, base::Charset::kUtf8);
  return header.ok() && header->At(header->header(), 15, 1) == "NE" && header->At(header->header(), 16, 1) == "NE";
}

// "AA", "AE", … or "-" where there is no answer; kAnswered goes to *fate where that is as it must be.
std::string Judge(const std::string& answer, std::string* fate) {
  const auto ack = V2Message::Parse(answer, base::IsValidUtf8(answer) ? base::Charset::kUtf8 : base::Charset::kGb18030);
  const adapters::V2Segment* msa = ack.ok() ? ack->Find("MSA") : nullptr;
  if (msa == nullptr) {
    *fate = answer.empty() ? "no answer" : "no acknowledgement: " + answer;
    return "-";
  }
  const std::string code(ack->At(*msa, 1, 1));
  const bool taken = code == "AA" || code == "CA";
  const bool reasoned = code.size() == 2 && (code[1] == 'E' || code[1] == 'R') && ack->Find("ERR") != nullptr;
  *fate = taken || reasoned ? std::string(kAnswered) : code + " without ERR";
  return code;
}

std::string AnswerOfAdapter(const std::string& raw) {
  const adapters::Adapter& adapter = adapters::HealthAdapter();
  const auto message = adapter.Read(raw);
  const adapters::Verdict verdict = message.ok() ? adapters::Verdict::kTaken : adapters::Verdict::kRefused;
  return adapter.Answer(raw, message.ok() ? &*message : nullptr, {verdict, message.ok() ? base::Outcome() : message.error().outcome, {}, "1", 0, 0});
}

// Cut short and with single bytes changed, all over the message.
std::string Maltreat(const std::string& raw) {
  constexpr char kBytes[] = {'\0', '|', '^', '\\', '\r', '\x80', '\xff'};
  for (size_t i = 0; i < kCutsAFile; ++i) {
    const size_t at = raw.size() * i / kCutsAFile;
    std::vector<std::string> variants = {raw.substr(0, at)};
    for (char byte : kBytes) {
      variants.push_back(raw);
      if (at < raw.size()) variants.back()[at] = byte;
    }
    for (const std::string& variant : variants) {
      const std::string answer = AnswerOfAdapter(variant);
      std::string fate;
      if (!answer.empty()) Judge(answer, &fate);
      const bool silent = answer.empty();  // what asks for no answer, or is one, gets none
      if (!silent && fate != kAnswered) return fmt::format("{} at {}", fate, at);
    }
  }
  return std::string(kAnswered);
}

}  // namespace

base::Result<base::Done> RunHl7V2(const Corpus& corpus, Report& report) {
  const std::vector<std::string> paths = MessageFiles(corpus.directory);
  if (paths.empty()) return Unusable(corpus.directory + " holds no .hl7");
  HEYI_TRY(scratch, ScratchDirectory::Make());
  HEYI_TRY(house, InProcess::Open(corpus.parameters, scratch.path()));
  HEYI_TRY(library, mapping::MapLibrary::Load(corpus.parameters->definitions()));
  mapping::MapsInForce maps(std::move(library));
  base::SystemClock clock;
  base::SystemRandom random;
  exchange::Options options;
  options.hub_code = "HEYI";
  options.area_code = "310199";
  HEYI_TRY(exchange, exchange::Exchange::Make(house->services(), maps, options, clock, random));
  std::map<std::string, size_t> codes;
  for (size_t i = 0; i < paths.size(); i += corpus.every) {
    HEYI_TRY(raw, base::ReadFile(paths[i]));
    const std::string id = paths[i].substr(corpus.directory.size() + 1);
    const adapters::V2Batch batch = adapters::IsV2Batch(raw) ? adapters::SplitV2Batch(raw) : adapters::V2Batch{{raw}, {}};
    for (std::string_view message : batch.messages) {
      report.Check("syntax", id, ThereAndBack(message), kSame);
      const exchange::Reply reply = exchange->Take(adapters::HealthAdapter(), std::string(message), house->context(), "127.0.0.1", "");
      std::string fate;
      ++codes[Judge(reply.body, &fate)];
      if (reply.body.empty() && WantsNoAnswer(message)) fate = kAnswered;
      report.Check("exchange", id, fate, kAnswered);
      report.Check("maltreated", id, Maltreat(std::string(message)), kAnswered);
    }
  }
  std::string note;
  for (const auto& [code, count] : codes) note += fmt::format("{}{} {}", note.empty() ? "" : ", ", count, code);
  report.Note("answers: " + note);
  return base::Done{};
}

}  // namespace heyi::cli
