// What the search tests share: the compiled parameters, queries as text, values as text.
#pragma once

#include "base/json/value.h"
#include "fhir/search/criteria.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {

inline std::shared_ptr<const SearchParameters> CompileTestParameters(int zone_minutes) {
  // The definitions of the tests live to the end; so nothing has to own them.
  const std::shared_ptr<const Definitions> definitions(std::shared_ptr<void>(), &TestDefinitions());
  auto compiled = SearchParameters::Compile(definitions, zone_minutes);
  if (!compiled.ok()) {
    for (const std::string& line : Briefly(compiled.error().outcome)) std::fprintf(stderr, "%s\n", line.c_str());
    std::abort();
  }
  return *compiled;
}

inline const SearchParameters& TestParameters() {
  static const std::shared_ptr<const SearchParameters> parameters = CompileTestParameters(base::kDistrictOffsetMinutes);
  return *parameters;
}

// Where dates without a zone are read as UTC.
inline const SearchParameters& UtcParameters() {
  static const std::shared_ptr<const SearchParameters> parameters = CompileTestParameters(0);
  return *parameters;
}

inline base::JsonValue ReadTestJson(const std::filesystem::path& file) {
  auto text = base::ReadFile(file.string());
  if (!text.ok()) {
    ADD_FAILURE() << "no " << file;
    return {};
  }
  auto json = base::ParseJson(std::move(*text));
  if (!json.ok()) {
    ADD_FAILURE() << file << " is no JSON";
    return {};
  }
  return std::move(*json);
}

struct TextQuery {
  const Type* type = nullptr;
  std::vector<std::pair<std::string, std::string>> pairs;
};

// "Patient?name=a&birthdate=gt2000", not percent-encoded.
inline TextQuery SplitQuery(std::string_view text) {
  TextQuery query;
  const size_t mark = text.find('?');
  query.type = TestDefinitions().FindResource(text.substr(0, mark));
  if (mark == std::string_view::npos || mark + 1 == text.size()) return query;
  text.remove_prefix(mark + 1);
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('&', begin), text.size());
    const std::string_view pair = text.substr(begin, end - begin);
    const size_t equals = std::min(pair.find('='), pair.size());
    query.pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    begin = end + 1;
  }
  return query;
}

inline std::string Show(const TokenValue& token) {
  return token.system + "|" + token.code + (token.text.empty() ? "" : " \"" + token.text + "\"");
}

inline std::string Show(const SearchValue& value) {
  const auto at = [](base::TimeMs ms) {
    return ms == INT64_MIN || ms == INT64_MAX ? std::string("open") : base::FormatInstant(ms);
  };
  if (const auto* token = std::get_if<TokenValue>(&value)) return Show(*token);
  if (const auto* text = std::get_if<StringValue>(&value)) return text->text;
  if (const auto* date = std::get_if<DateValue>(&value)) return at(date->low) + " .. " + at(date->high);
  if (const auto* reference = std::get_if<ReferenceValue>(&value)) {
    std::string text = reference->type.empty() ? reference->id : reference->type + "/" + reference->id;
    if (!reference->version.empty()) text += " version " + reference->version;
    if (reference->identifier == TokenValue()) return text;
    text += (text.empty() ? "identifier " : " identifier ") + Show(reference->identifier);
    return text;
  }
  if (const auto* number = std::get_if<NumberValue>(&value)) return number->low + " .. " + number->high;
  if (const auto* quantity = std::get_if<QuantityValue>(&value)) {
    const std::string number = quantity->value + (quantity->range ? " .. " + quantity->high : "");
    if (quantity->canonical) return number + " " + quantity->code + " (canonical)";
    return number + " " + quantity->system + "|" + quantity->code + "|" + quantity->unit;
  }
  return std::get<UriValue>(value).uri;
}

}  // namespace heyi::fhir
