// https://hl7.org/fhirpath/STU3/#additional-string-functions: encode, decode, escape, unescape, trim, split, join.
#include <algorithm>

#include "base/digest.h"
#include "base/json/value.h"
#include "base/text.h"
#include "fhir/path/functions.h"
#include "fhir/path/lexer.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Recoded = std::optional<std::string>;

Result<Collection> OneText(Recoded text, Evaluator& evaluator) {
  if (!text) return Collection();
  if (text->size() > kTextMax || !evaluator.budget().Spend(text->size() / kTextBytesPerStep)) {
    return base::Error(base::ErrorKind::kInvalid, "path.too-costly", {}, "a text of more than 1 MiB");
  }
  return One(MakeString(*std::move(text)));
}

std::string UrlAlphabet(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

Recoded Encode(std::string_view text, std::string_view format) {
  if (format == "base64") return base::ToBase64(text);
  if (format == "urlbase64") return UrlAlphabet(base::ToBase64(text));
  if (format == "hex") {
    return base::ToHex({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
  }
  return std::nullopt;
}

Recoded FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

// What is not text once decoded has no place in a String: no answer.
Recoded Decode(std::string_view text, std::string_view format) {
  std::string bytes;
  if (format == "hex") {
    Recoded decoded = FromHex(text);
    if (!decoded) return std::nullopt;
    bytes = *std::move(decoded);
  } else if (format == "base64") {
    if (!base::FromBase64(text, &bytes)) return std::nullopt;
  } else if (format == "urlbase64") {
    const size_t end = text.find_last_not_of('=');
    const std::string_view bare = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    if (!base::FromBase64Url(bare, &bytes)) return std::nullopt;
  } else {
    return std::nullopt;
  }
  return base::IsValidUtf8(bytes) ? Recoded(std::move(bytes)) : std::nullopt;
}

struct Entity {
  char character;
  std::string_view text;
};
constexpr Entity kEntities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

Recoded Escape(std::string_view text, std::string_view target) {
  std::string escaped;
  if (target == "json") {
    base::AppendJsonString(escaped, text);
    return escaped.substr(1, escaped.size() - 2);  // without the quotes
  }
  if (target != "html") return std::nullopt;
  for (const char c : text) {
    const auto* entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                      [c](const Entity& known) { return known.character == c; });
    if (entity == std::end(kEntities)) escaped += c;
    else escaped += entity->text;
  }
  return escaped;
}

std::string UnescapeHtml(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const auto* entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                      [text](const Entity& known) { return text.starts_with(known.text); });
    if (entity == std::end(kEntities)) {
      plain += text.front();
      text.remove_prefix(1);
    } else {
      plain += entity->character;
      text.remove_prefix(entity->text.size());
    }
  }
  return plain;
}

// As JSON reads what stands between quotes; what is no escape stands for itself.
std::string UnescapeJson(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const size_t length = std::min<size_t>(text.size(), text.front() != '\\' ? 1 : text.starts_with("\\u") ? 6 : 2);
    std::string_view piece = text.substr(0, length);
    const bool pair = length == 6 && text.size() >= 12 && text.substr(6).starts_with("\\u");
    if (piece.front() != '\\') {
      plain += piece;
    } else {
      auto read = base::ParseJson("\"" + std::string(piece) + "\"");
      if (!read.ok() && pair) {  // half of a surrogate pair
        piece = text.substr(0, 12);
        read = base::ParseJson("\"" + std::string(piece) + "\"");
      }
      if (!read.ok()) piece = text.substr(0, 1);
      plain += read.ok() ? read->text() : piece;
    }
    text.remove_prefix(piece.size());
  }
  return plain;
}

Recoded Unescape(std::string_view text, std::string_view target) {
  if (target == "html") return UnescapeHtml(text);
  if (target == "json") return UnescapeJson(text);
  return std::nullopt;
}

template <Recoded (*kConvert)(std::string_view, std::string_view)>
Result<Collection> Convert(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(format, call.TextArgument(0));
  if (!text || !format) return Collection();
  if (text->size() > kTextMax) return OneText(std::string(*text), call.evaluator);  // too costly
  return OneText(kConvert(*text, *format), call.evaluator);
}

Result<Collection> TrimText(Call& call) {
  HEYI_TRY(text, call.SingleText());
  return text ? OneText(std::string(base::Trim(*text)), call.evaluator) : Collection();
}

Result<Collection> SplitText(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(separator, call.TextArgument(0));
  Collection parts;
  if (!text || !separator) return parts;
  std::string_view rest = *text;
  while (true) {
    const size_t end = separator->empty() ? std::string_view::npos : rest.find(*separator);
    parts.push_back(MakeString(std::string(rest.substr(0, end))));
    HEYI_CHECK(call.evaluator.CheckCost(parts.size()));
    if (end == std::string_view::npos) return parts;
    rest.remove_prefix(end + separator->size());
  }
}

Result<Collection> Join(Call& call) {
  std::string separator;
  if (call.arguments() > 0) {
    HEYI_TRY(given, call.TextArgument(0));
    if (given) separator = *std::move(given);
  }
  std::string joined;
  bool any = false;
  for (const PathValue& item : call.input) {
    const Scalar scalar = ScalarOf(item);
    if (item.kind() == PathValue::Kind::kNode && !item.node()) continue;
    if (scalar.kind != PathValue::Kind::kString) return PathFailure("join() of what is no text");
    if (any) joined += separator;
    any = true;
    joined += scalar.text;
    if (joined.size() > kTextMax) break;
    HEYI_CHECK(call.evaluator.CheckCost(1));
  }
  return any ? OneText(std::move(joined), call.evaluator) : Collection();
}

constexpr Function kEncodingFunctions[] = {
    {"encode", 1, 1, Takes::kValues, false, Convert<Encode>},
    {"decode", 1, 1, Takes::kValues, false, Convert<Decode>},
    {"escape", 1, 1, Takes::kValues, false, Convert<Escape>},
    {"unescape", 1, 1, Takes::kValues, false, Convert<Unescape>},
    {"trim", 0, 0, Takes::kValues, false, TrimText},
    {"split", 1, 1, Takes::kValues, false, SplitText},
    {"join", 0, 1, Takes::kValues, false, Join},
};

}  // namespace

std::span<const Function> EncodingFunctions() { return kEncodingFunctions; }

}  // namespace heyi::fhir
