// https://www.rfc-editor.org/rfc/rfc5646#section-2.1  https://www.rfc-editor.org/rfc/rfc6838#section-4.2  https://ucum.org/ucum
#include "conformance/terminology/grammar_systems.h"

#include <algorithm>

#include "base/text.h"
#include "fhir/ucum/ucum.h"

namespace heyi::conformance {
namespace {

constexpr std::string_view kLanguages = "urn:ietf:bcp:47";
constexpr std::string_view kMediaTypes = "urn:ietf:bcp:13";
constexpr size_t kTagBytesMax = 255;

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }
bool Alphas(std::string_view text) { return std::all_of(text.begin(), text.end(), IsAlpha); }
bool Alphanums(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return IsAlpha(c) || IsAsciiDigit(c); });
}
bool Digits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsAsciiDigit); }

// language ["-" extlang] ["-" script] ["-" region] *("-" variant) *("-" extension) ["-" privateuse], or privateuse alone.
bool IsLanguageTag(std::string_view tag) {
  if (tag.empty() || tag.size() > kTagBytesMax) return false;
  const std::vector<std::string_view> parts = base::Split(tag, '-');
  for (std::string_view part : parts) {
    if (part.empty() || part.size() > 8 || !Alphanums(part)) return false;
  }
  size_t at = 0;
  const auto is_private = [&](size_t i) { return i < parts.size() && (parts[i] == "x" || parts[i] == "X"); };
  if (is_private(0)) return parts.size() > 1;
  if ((parts[0] == "i" || parts[0] == "I") && parts.size() > 1) return true;  // grandfathered
  if (parts[0].size() < 2 || !Alphas(parts[0])) return false;
  ++at;
  if (parts[0].size() <= 3) {
    for (int extlang = 0; extlang < 3 && at < parts.size() && parts[at].size() == 3 && Alphas(parts[at]); ++extlang) ++at;
  }
  if (at < parts.size() && parts[at].size() == 4 && Alphas(parts[at])) ++at;
  if (at < parts.size() && ((parts[at].size() == 2 && Alphas(parts[at])) || (parts[at].size() == 3 && Digits(parts[at])))) ++at;
  while (at < parts.size() && (parts[at].size() >= 5 || (parts[at].size() == 4 && IsAsciiDigit(parts[at][0])))) ++at;
  while (at < parts.size() && parts[at].size() == 1 && !is_private(at)) {
    size_t more = 0;
    for (++at; at < parts.size() && parts[at].size() >= 2; ++at) ++more;
    if (more == 0) return false;
  }
  return at == parts.size() || (is_private(at) && at + 1 < parts.size());
}

bool IsTokenChar(char c) {
  constexpr std::string_view kOthers = "!#$&-^_.+";
  return IsAlpha(c) || IsAsciiDigit(c) || kOthers.find(c) != std::string_view::npos;
}

bool IsRestrictedName(std::string_view name) {
  return !name.empty() && name.size() <= 127 && (IsAlpha(name[0]) || IsAsciiDigit(name[0])) && std::all_of(name.begin(), name.end(), IsTokenChar);
}

// type "/" subtype *( ";" name "=" value ), value a token or quoted.
bool IsMediaType(std::string_view code) {
  if (code.size() > kTagBytesMax) return false;
  const size_t mark = code.find(';');
  const std::string_view type = base::Trim(code.substr(0, mark));
  const size_t slash = type.find('/');
  if (slash == std::string_view::npos || !IsRestrictedName(type.substr(0, slash)) || !IsRestrictedName(type.substr(slash + 1))) return false;
  if (mark == std::string_view::npos) return true;
  for (std::string_view parameter : base::Split(code.substr(mark + 1), ';')) {
    parameter = base::Trim(parameter);
    const size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !IsRestrictedName(parameter.substr(0, equals)) || equals + 1 == parameter.size()) return false;
  }
  return true;
}

}  // namespace

bool IsGrammarSystem(std::string_view system) {
  return system == kLanguages || system == kMediaTypes || system == fhir::kUcumSystem;
}

bool FitsGrammar(std::string_view system, std::string_view code) {
  if (system == kLanguages) return IsLanguageTag(code);
  if (system == kMediaTypes) return IsMediaType(code);
  if (system == fhir::kUcumSystem) return fhir::UcumUnit::Parse(code).ok();
  return false;
}

}  // namespace heyi::conformance
