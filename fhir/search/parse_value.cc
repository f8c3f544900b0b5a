// One alternative of a criterion: prefix, then the value by the parameter's type.
#include "base/text.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

// eq, ne, … before a number or a date. Letters that are no prefix are left to be refused as a value.
Prefix TakePrefix(std::string_view& text) {
  constexpr std::pair<std::string_view, Prefix> kPrefixes[] = {
      {"eq", Prefix::kEq}, {"ne", Prefix::kNe}, {"gt", Prefix::kGt}, {"lt", Prefix::kLt}, {"ge", Prefix::kGe},
      {"le", Prefix::kLe}, {"sa", Prefix::kSa}, {"eb", Prefix::kEb}, {"ap", Prefix::kAp}};
  for (const auto& [name, prefix] : kPrefixes) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return prefix;
  }
  return Prefix::kEq;
}

// Nothing is left of text that consists of accents and the like: it would match everything.
bool FoldsToNothing(std::string_view text) { return base::FoldForSearch(text).empty(); }

constexpr size_t kUriAboveBytesMax = 2'000;  // :above asks for every beginning of it

template <typename T>
bool Keep(std::optional<T> parsed, CriterionValue& out) {
  if (!parsed) return false;
  out.value = std::move(*parsed);
  return true;
}

// "http://hl7.org/fhir/administrative-gender|male" is what a resource states as "male".
void TakeImpliedSystem(const SearchParameter& parameter, CriterionValue& wanted) {
  auto& token = std::get<TokenValue>(wanted.value);
  if (!parameter.implied_system.empty() && token.system == parameter.implied_system) token.system.clear();
}

bool ParseTyped(std::string_view modifier, std::string_view text, CriterionValue& out, bool* never) {
  std::optional<ReferenceValue> reference = ParseReference(text);
  if (!reference) return false;
  if (reference->type.empty()) {
    if (reference->id.find_first_of(":/") != std::string::npos) return false;  // the modifier is for Type/id and ids
    reference->type = modifier;
  } else if (reference->type != modifier) {
    *never = true;
  }
  out.value = std::move(*reference);
  return true;
}

}  // namespace

std::optional<CriterionValue> ParseValue(const SearchParameter& parameter, std::string_view modifier,
                                         std::string_view text, bool* never) {
  CriterionValue out;
  if (text.empty()) return std::nullopt;
  bool ok = false;
  switch (parameter.type) {
    case SearchType::kToken:
      if (modifier == "text") {
        out.value = TokenValue{{}, {}, Unescape(text)};
        ok = !FoldsToNothing(text);
      } else if (modifier == "of-type") {
        ok = Keep(ParseTypedIdentifier(text), out);
      } else {
        ok = Keep(ParseToken(text, out), out);
        if (ok) TakeImpliedSystem(parameter, out);
      }
      break;
    case SearchType::kString:
      out.value = StringValue{Unescape(text)};
      ok = modifier == "exact" || !FoldsToNothing(text);
      break;
    case SearchType::kDate:
      out.prefix = TakePrefix(text);
      ok = Keep(ParseDate(text, out.prefix, parameter.zone_minutes), out);
      break;
    case SearchType::kReference:
      if (modifier == "identifier") ok = Keep(ParseToken(text, out), out);
      else if (!modifier.empty()) ok = ParseTyped(modifier, text, out, never);
      else ok = Keep(ParseReference(text), out);
      break;
    case SearchType::kNumber:
      out.prefix = TakePrefix(text);
      ok = Keep(ParseNumber(text, out.prefix), out);
      break;
    case SearchType::kQuantity:
      out.prefix = TakePrefix(text);
      ok = Keep(ParseQuantity(text), out);
      break;
    case SearchType::kUri:
      out.value = UriValue{Unescape(text)};
      ok = text.find_first_of(" \t\r\n") == std::string_view::npos && (modifier != "above" ||
                                                                       text.size() <= kUriAboveBytesMax);
      break;
    case SearchType::kComposite:
    case SearchType::kSpecial: break;
  }
  if (!ok) return std::nullopt;
  return out;
}

}  // namespace heyi::fhir
