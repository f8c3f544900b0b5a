// truncate, escape, append.
#include "base/xml/escape.h"
#include "fhir/path/value.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {
namespace {

using base::Result;
using fhir::PathValue;
using Values = std::vector<FmlValue>;

Values OneText(std::string text) {
  if (text.empty()) return {};
  return {FmlRunner::ValueOf(PathValue::OfText(PathValue::Kind::kString, std::move(text)))};
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The first `length` characters, not bytes.
Result<Values> Truncate(const TransformCall& call) {
  if (!call.Has(0)) return Values();
  const fhir::Scalar length = call.Has(1) ? fhir::ScalarOf(call.arguments[1].items[0]) : fhir::Scalar();
  if (!length.is_whole() || length.text.starts_with('-') || length.text.size() > 9) {
    return TransformError("fml.arguments", "truncate");
  }
  const size_t characters = std::stoul(std::string(length.text));
  const fhir::Scalar source = fhir::ScalarOf(call.arguments[0].items[0]);
  if (!source) return TransformError("fml.value", "truncate");
  size_t at = 0;
  for (size_t taken = 0; at < source.text.size(); ++at) {
    if (!IsContinuation(source.text[at]) && taken++ == characters) break;
  }
  return OneText(std::string(source.text.substr(0, at)));
}

Result<Values> Append(const TransformCall& call) {
  std::string text;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (!call.Has(i)) continue;
    const fhir::Scalar part = fhir::ScalarOf(call.arguments[i].items[0]);
    if (!part) return TransformError("fml.value", "append");
    text += part.text;
  }
  return OneText(std::move(text));
}

// ---- escape: the text as it is inside a format, and back ----

std::string AsJson(std::string_view plain) {
  std::string text;
  base::AppendJsonString(text, plain);
  return text.substr(1, text.size() - 2);
}

std::optional<std::string> OfJson(std::string_view inside) {
  const auto parsed = base::ParseJson("\"" + std::string(inside) + "\"");
  if (!parsed.ok() || !parsed->is_string()) return std::nullopt;
  return parsed->text();
}

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    }
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  }
  out += static_cast<char>(0x80 | (code & 0x3F));
}

// The character of "#38", "#x26" or a name; 0 where there is none.
uint32_t EntityOf(std::string_view name, bool html) {
  constexpr std::pair<std::string_view, uint32_t> kNames[] =
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [known, code] : kNames) {
    if (known == name) return code;
  }
  if (html && name == "nbsp") return 0xA0;
  if (!name.starts_with('#') || name.size() < 2) return 0;
  const bool hex = name[1] == 'x' || name[1] == 'X';
  uint32_t code = 0;
  for (const char c : name.substr(hex ? 2 : 1)) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : hex && c >= 'A' &&
        c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0 || code > 0x10FFFF) return 0;
    code = code * (hex ? 16 : 10) + static_cast<uint32_t>(digit);
  }
  const bool character = code != 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  return character ? code : 0;
}

std::optional<std::string> OfMarkup(std::string_view inside, bool html) {
  std::string text;
  for (size_t i = 0; i < inside.size();) {
    if (inside[i] != '&') {
      text += inside[i++];
      continue;
    }
    const size_t end = inside.find(';', i);
    const uint32_t code = end == std::string_view::npos ? 0 : EntityOf(inside.substr(i + 1, end - i - 1), html);
    if (code == 0) return std::nullopt;
    AppendUtf8(text, code);
    i = end + 1;
  }
  return text;
}

std::string AsMarkup(std::string_view plain) {
  std::string text;
  base::AppendXmlAttribute(text, plain);
  return text;
}

// HL7 v2's and Java's ways of escaping.
constexpr std::pair<char, std::string_view> kV2[] =
    {{'|', "\\F\\"}, {'^', "\\S\\"}, {'&', "\\T\\"}, {'~', "\\R\\"}, {'\\', "\\E\\"}};

std::string AsV2(std::string_view plain) {
  std::string text;
  for (const char c : plain) {
    std::string_view instead;
    for (const auto& [special, sequence] : kV2) {
      if (special == c) instead = sequence;
    }
    if (instead.empty()) text += c;
    text += instead;
  }
  return text;
}

std::optional<std::string> OfV2(std::string_view inside) {
  std::string text;
  for (size_t i = 0; i < inside.size();) {
    if (inside[i] != '\\') {
      text += inside[i++];
      continue;
    }
    bool known = false;
    for (const auto& [special, sequence] : kV2) {
      if (inside.substr(i, 3) != sequence) continue;
      text += special;
      known = true;
    }
    if (!known) return std::nullopt;
    i += 3;
  }
  return text;
}

std::optional<std::string> Unescape(std::string_view text, std::string_view format) {
  if (format == "plain" || format == "text") return std::string(text);
  if (format == "json" || format == "java") return OfJson(text);
  if (format == "xml" || format == "html") return OfMarkup(text, format == "html");
  if (format == "v2") return OfV2(text);
  return std::nullopt;
}

std::optional<std::string> Escape(std::string_view text, std::string_view format) {
  if (format == "plain" || format == "text") return std::string(text);
  if (format == "json" || format == "java") return AsJson(text);
  if (format == "xml" || format == "html") return AsMarkup(text);
  if (format == "v2") return AsV2(text);
  return std::nullopt;
}

Result<Values> ChangeEscape(const TransformCall& call) {
  if (!call.Has(0)) return Values();
  const auto plain = Unescape(call.Text(0), call.Text(1));
  if (!plain) return TransformError("fml.value", std::string("escape: ") + std::string(call.Text(1)));
  auto text = Escape(*plain, call.Text(2));
  if (!text) return TransformError("fml.arguments", std::string("escape: ") + std::string(call.Text(2)));
  return OneText(std::move(*text));
}

}  // namespace

Result<Values> TransformString(const TransformCall& call) {
  if (call.target.transform == FmlTransform::kTruncate) return Truncate(call);
  if (call.target.transform == FmlTransform::kAppend) return Append(call);
  return ChangeEscape(call);
}

}  // namespace heyi::mapping
