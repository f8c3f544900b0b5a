#include "adapters/health/v2/acknowledgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "adapters/health/v2/character_set.h"
#include "adapters/health/v2/error_place.h"
#include "adapters/health/v2/escapes.h"
#include "adapters/health/v2/limits.h"
#include "adapters/health/v2/syntax.h"
#include "adapters/health/v2/versions.h"
#include "adapters/logical_model.h"
#include "adapters/times.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

constexpr std::string_view kOwnName = "HEYI";
constexpr size_t kFieldBytesMax = 250;   // of their MSH that goes back; longer ones are left out
constexpr size_t kIdCharsMax = 20;
constexpr size_t kTextBytesMax = 600;    // of ERR-8 in UTF-8: 200 Han characters
constexpr std::string_view kModes[] = {"AL", "NE", "ER", "SU"};

// What of the sender's MSH an answer needs: as sent, but in the charset of the answer; empty where there is none.
class TheirHeader {
 public:
  TheirHeader(std::string_view raw, const V2CharacterSet& set) : set_(set), header_(V2Message::ParseHeader(raw, set.charset)) {}

  V2Delimiters delimiters() const { return header_.ok() ? header_->delimiters() : V2Delimiters(); }
  std::string Field(uint16_t field) const { return header_.ok() ? Harmless(header_->FieldAt(header_->header(), field)) : std::string(); }
  std::string Component(uint16_t field, uint16_t component) const {
    return header_.ok() ? Harmless(header_->At(header_->header(), field, component)) : std::string();
  }

 private:
  // What goes back as it came must not end a frame or a segment of ours.
  std::string Harmless(std::string_view text) const {
    const bool control = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (control || text.size() > kFieldBytesMax) return {};
    if (set_.charset == set_.answers) return std::string(text);
    std::string utf8;
    if (!base::CharsetConverter(set_.charset).ToUtf8(text, &utf8)) return {};
    return base::CharsetConverter(set_.answers).FromUtf8(utf8);
  }

  const V2CharacterSet& set_;
  const base::Result<V2Message> header_;
};

bool IsMode(std::string_view text) { return std::find(std::begin(kModes), std::end(kModes), text) != std::end(kModes); }

// Whether a mode of MSH-15 or MSH-16 asks for an answer that says so.
bool Asks(std::string_view mode, bool success) { return mode == "AL" || mode == (success ? "SU" : "ER"); }

// "AA" … "CR"; empty where no answer is wanted.
std::string CodeOf(const TheirHeader& theirs, const Acknowledgement& ack) {
  const std::string accept = theirs.Component(15, 1), application = theirs.Component(16, 1);
  const bool enhanced = IsMode(accept) || IsMode(application);
  const char refusal = RejectsV2Message(ack.outcome) ? 'R' : 'E';
  const bool stored = ack.verdict != Verdict::kRefused, done = ack.verdict == Verdict::kTaken;
  if (enhanced && Asks(accept, stored)) return {'C', stored ? 'A' : refusal};
  if (enhanced && !Asks(application, done)) return {};
  return {'A', done ? 'A' : stored ? 'E' : refusal};
}

class AckWriter {
 public:
  AckWriter(const TheirHeader& theirs, base::Charset charset, const Acknowledgement& ack)
      : theirs_(theirs), d_(theirs.delimiters()), converter_(charset), ack_(ack) {}

  std::string Write(std::string_view code) {
    WriteHeader();
    WriteMsa(code);
    size_t told = 0;
    for (const base::Issue& issue : ack_.outcome.issues()) {
      if (told++ == kV2ErrorsToldMax) break;
      WriteErr(issue);
    }
    if (ack_.verdict == Verdict::kKept) WriteErr(base::MakeIssue("v2.kept"));
    return std::move(text_);
  }

 private:
  std::string Escaped(std::string_view utf8) { return EscapeV2(utf8, d_, converter_); }

  void Segment(std::initializer_list<std::string_view> fields) {
    size_t used = 0, number = 0;
    for (std::string_view field : fields) {
      ++number;
      if (!field.empty()) used = number;
    }
    const std::string_view* field = fields.begin();
    for (size_t i = 0; i < used; ++i) text_.append(i == 0 ? "" : std::string(1, d_.field)).append(field[i]);
    text_ += '\r';
  }

  void WriteHeader() {
    const bool ours_unnamed = theirs_.Field(5).empty();
    const std::string event = theirs_.Component(9, 2);
    const std::string version = theirs_.Component(12, 1);
    std::string type = "ACK";
    if (!event.empty()) type.append(1, d_.component).append(event).append(1, d_.component).append("ACK");
    Segment({"MSH", d_.EncodingCharacters(), ours_unnamed ? std::string(kOwnName) : theirs_.Field(5), theirs_.Field(6), theirs_.Field(3), theirs_.Field(4),
             FormatCompactSeconds(ack_.answered_ms), "", type, Escaped(OwnId()),
             theirs_.Field(11).empty() ? std::string("P") : theirs_.Field(11), IsV2Version(version) ? theirs_.Field(12) : std::string("2.5"), "", "", "", "",
             theirs_.Field(17), theirs_.Field(18).empty() ? std::string(V2NameOf(converter_.charset())) : theirs_.Component(18, 1), theirs_.Field(19)});
  }

  // MSH-10 holds 20 characters; what tells two answers apart stands at the end.
  std::string_view OwnId() const {
    const std::string_view id = ack_.ref_message_id;
    return id.size() > kIdCharsMax ? id.substr(id.size() - kIdCharsMax) : id;
  }

  void WriteMsa(std::string_view code) {
    // MSA-3 is where versions before 2.5, which have no ERR-8, tell their users what is wrong.
    const base::Issue* first = nullptr;
    for (const base::Issue& issue : ack_.outcome.issues()) {
      if (first == nullptr || (issue.severity < first->severity)) first = &issue;
    }
    const bool old = IsV2Version(theirs_.Component(12, 1)) && theirs_.Component(12, 1) < "2.5";
    Segment({"MSA", code, theirs_.Field(10), old && first != nullptr ? Escaped(TextOf(*first)) : std::string()});
  }

  void WriteErr(const base::Issue& issue) {
    const V2Condition condition = V2ConditionOf(issue);
    const char c = d_.component;
    const std::string_view severity = issue.severity <= base::Severity::k_error ? "E" : issue.severity == base::Severity::k_warning ? "W" : "I";
    const std::string location = issue.expression.empty() ? std::string() : V2PlaceOf(issue.expression, c).location;
    Segment({"ERR", "", location, fmt::format("{}{}{}{}HL70357", condition.code, c, condition.text, c), severity,
             fmt::format("{}{}{}HEYI", issue.rule, c, c), "", Escaped(base::ClipUtf8(base::EnglishText(issue), kTextBytesMax)),
             Escaped(TextOf(issue))});
  }

  std::string TextOf(const base::Issue& issue) const {
    const base::Charset charset = converter_.charset();
    const bool has_han = charset == base::Charset::kUtf8 || charset == base::Charset::kGb18030;
    if (!has_han) return std::string(base::ClipUtf8(base::EnglishText(issue), kTextBytesMax));
    std::string text;
    if (const std::string name = NameOf(issue.expression); !name.empty()) text = name + "：";
    text += base::ChineseText(issue);
    return std::string(base::ClipUtf8(text, kTextBytesMax));
  }

  // "患者标识(PID.3[].1)"
  std::string NameOf(const std::string& expression) const {
    if (expression.empty()) return {};
    const V2Place place = V2PlaceOf(expression, '^');
    const std::string type = fmt::format("{}^{}", theirs_.Component(9, 1), theirs_.Component(9, 2));
    const LogicalModel* model = FindModel("health", place.in_header ? kEnvelopeModel : std::string_view(type));
    const Field* field = model == nullptr ? nullptr : model->Find(place.model_path);
    return field == nullptr ? place.model_path : fmt::format("{}({})", field->chinese, place.model_path);
  }

  const TheirHeader& theirs_;
  const V2Delimiters d_;
  base::CharsetConverter converter_;
  const Acknowledgement& ack_;
  std::string text_;
};

base::Error NotAnAnswer(std::string_view where) { return base::Error(base::ErrorKind::kMalformed, "adapter.answer", std::string(where)); }

}  // namespace

std::string WriteV2Acknowledgement(std::string_view raw, const Acknowledgement& ack) {
  base::Outcome ignored;
  const V2CharacterSet set = FindCharacterSet(raw, ignored);
  const TheirHeader theirs(raw, set);
  if (theirs.Component(9, 1) == "ACK" || theirs.Component(9, 1) == "MCF") return {};
  const std::string code = CodeOf(theirs, ack);
  return code.empty() ? std::string() : AckWriter(theirs, set.answers, ack).Write(code);
}

base::Result<Acknowledgement> ReadV2Acknowledgement(std::string_view raw) {
  base::Outcome outcome;
  const base::Charset charset = FindCharacterSet(raw, outcome).charset;
  const base::Result<V2Message> message = V2Message::Parse(raw, charset);
  if (!message.ok() || message->header().name != "MSH") return NotAnAnswer("MSH");
  const V2Segment* msa = message->Find("MSA");
  if (msa == nullptr) return NotAnAnswer("MSA");
  const std::string_view code = message->At(*msa, 1, 1);
  const bool known = code.size() == 2 && (code[0] == 'A' || code[0] == 'C') && (code[1] == 'A' || code[1] == 'E' || code[1] == 'R');
  if (!known) return NotAnAnswer("MSA.1");

  base::CharsetConverter converter(charset);
  const auto text = [&](std::string_view bytes) {
    std::string read;
    return UnescapeV2(bytes, message->delimiters(), converter, &read) ? read : std::string("?");
  };
  Acknowledgement ack;
  ack.verdict = code[1] == 'A' ? Verdict::kTaken : Verdict::kRefused;
  ack.ref_message_id = text(message->At(message->header(), 10, 1));
  base::JsonValue fields = base::JsonValue::Object();
  fields.Set("1", base::JsonValue::OfString(code));
  fields.Set("2", base::JsonValue::OfString(text(message->At(*msa, 2, 1))));
  ack.output = base::JsonValue::Object();
  ack.output.Set("MSA", std::move(fields));
  std::string why = text(message->At(*msa, 3, 1));
  for (const V2Segment& segment : message->segments()) {
    if (segment.name != "ERR") continue;
    const std::string_view user = message->At(segment, 8, 1), condition = message->At(segment, 3, 2), place = message->FieldAt(segment, 2);
    std::string line = text(message->At(segment, 3, 1));
    for (std::string_view part : {user.empty() ? condition : user, place}) {
      if (!part.empty()) line += " " + text(part);
    }
    why += (why.empty() ? "" : "; ") + line;
  }
  if (ack.verdict == Verdict::kRefused) ack.outcome.Add("adapter.refused-there", {}, why.empty() ? code : std::string_view(why));
  if (ack.verdict == Verdict::kTaken && !why.empty()) ack.outcome.Add("adapter.warned-there", {}, why);
  return ack;
}

}  // namespace heyi::adapters
