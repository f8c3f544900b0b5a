// Tokens: a code and the system that it belongs to, compared exactly.
// https://hl7.org/fhir/R4/search.html#token
#include "base/text.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

TokenValue MakeToken(std::string_view system, std::string_view code, std::string_view text) {
  return {std::string(system), std::string(code), std::string(text)};
}

void Add(TokenValue token, std::vector<SearchValue>& out) {
  if (token.code.empty() && token.system.empty() && token.text.empty()) return;
  out.emplace_back(std::move(token));
}

void AddCoding(Node coding, std::vector<SearchValue>& out) {
  Add(MakeToken(coding.TextAt("system"), coding.TextAt("code"), coding.TextAt("display")), out);
}

// A row a coding, and one for the text alone.
void AddConcept(Node concept_node, std::vector<SearchValue>& out) {
  if (const Node codings = concept_node.Member("coding")) {
    for (Node coding = codings.first_child(); coding; coding = coding.next()) AddCoding(coding, out);
  }
  Add(MakeToken({}, {}, concept_node.TextAt("text")), out);
}

void AddIdentifier(Node identifier, std::vector<SearchValue>& out) {
  const Node type = identifier.Member("type");
  Add(MakeToken(identifier.TextAt("system"), identifier.TextAt("value"), type ? type.TextAt("text") : std::string_view()), out);
}

// R4 gives a ContactPoint no system, yet servers answer `phone|` by ContactPoint.system: a row for each reading.
void AddContactPoint(Node contact, std::vector<SearchValue>& out) {
  const std::string_view value = contact.TextAt("value");
  if (value.empty()) return;
  Add(MakeToken({}, value, {}), out);
  if (const std::string_view system = contact.TextAt("system"); !system.empty()) Add(MakeToken(system, value, {}), out);
}

}  // namespace

void AppendTokens(const PathValue& item, std::vector<SearchValue>& out) {
  if (item.kind() != PathValue::Kind::kNode) return Add(MakeToken({}, item.text(), {}), out);
  const Node node = item.node();
  if (!node || node.type() == nullptr) return;
  const Type& type = *node.type();
  if (type.is_primitive()) return Add(MakeToken({}, node.text(), {}), out);
  if (type.name == "CodeableConcept") return AddConcept(node, out);
  if (type.name == "Coding") return AddCoding(node, out);
  if (type.name == "Identifier") return AddIdentifier(node, out);
  if (type.name == "ContactPoint") return AddContactPoint(node, out);
}

std::optional<TokenValue> ParseToken(std::string_view text, CriterionValue& flags) {
  const std::vector<std::string_view> parts = SplitEscaped(text, '|');
  if (parts.size() > 2) return std::nullopt;
  if (parts.size() == 1) {
    if (text.empty()) return std::nullopt;
    flags.any_system = true;
    return TokenValue{{}, Unescape(text), {}};
  }
  if (parts[0].empty() && parts[1].empty()) return std::nullopt;
  flags.any_code = parts[1].empty();
  return TokenValue{Unescape(parts[0]), Unescape(parts[1]), {}};
}

bool TokenMatches(std::string_view modifier, const CriterionValue& wanted, const TokenValue& value) {
  const auto& token = std::get<TokenValue>(wanted.value);
  if (modifier == "text") {
    return !value.text.empty() && base::FoldForSearch(value.text).starts_with(base::FoldForSearch(token.text));
  }
  if (wanted.any_code) return value.system == token.system;
  return value.code == token.code && (wanted.any_system || value.system == token.system);
}

}  // namespace heyi::fhir
