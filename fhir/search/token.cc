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

// `system`, the code and the text of an object, by the names of their members, in one walk over it.
TokenValue ReadMembers(Node object, std::string_view code_name, std::string_view text_name) {
  std::string_view system, code, text;
  for (Node member = object.first_child(); member; member = member.next()) {
    if (member.property() == nullptr || member.underscore()) continue;
    const std::string_view name = member.property()->name;
    if (name == "system") system = member.text();
    else if (name == code_name) code = member.text();
    else if (name == text_name) text = member.text();
  }
  return MakeToken(system, code, text);
}

void AddCoding(Node coding, std::vector<SearchValue>& out) { Add(ReadMembers(coding, "code", "display"), out); }

// A row a coding, and one for the text alone.
void AddConcept(Node concept_node, std::vector<SearchValue>& out) {
  if (const Node codings = concept_node.Member("coding")) {
    for (Node coding = codings.first_child(); coding; coding = coding.next()) AddCoding(coding, out);
  }
  if (const std::string_view text = concept_node.TextAt("text"); !text.empty()) Add(MakeToken({}, {}, text), out);
}

void AddIdentifier(Node identifier, std::vector<SearchValue>& out) {
  TokenValue token = ReadMembers(identifier, "value", {});
  if (const Node type = identifier.Member("type")) token.text = type.TextAt("text");
  Add(std::move(token), out);
}

// R4 gives a ContactPoint no system, yet servers answer `phone|` by ContactPoint.system: a row for each reading.
void AddContactPoint(Node contact, std::vector<SearchValue>& out) {
  TokenValue token = ReadMembers(contact, "value", {});
  if (token.code.empty()) return;
  Add(MakeToken({}, token.code, {}), out);
  if (!token.system.empty()) Add(std::move(token), out);
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

void AppendTypedIdentifiers(const PathValue& item, std::vector<SearchValue>& out) {
  const Node node = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
  if (!node || node.type() == nullptr || node.type()->name != "Identifier") return;
  const std::string_view value = node.TextAt("value");
  const Node type = node.Member("type");
  const Node codings = type ? type.Member("coding") : Node();
  if (value.empty() || !codings) return;
  for (Node coding = codings.first_child(); coding; coding = coding.next()) {
    out.emplace_back(MakeToken(coding.TextAt("system"), coding.TextAt("code"), value));
  }
}

std::optional<TokenValue> ParseTypedIdentifier(std::string_view text) {
  const std::vector<std::string_view> parts = SplitEscaped(text, '|');
  if (parts.size() != 3 || parts[0].empty() || parts[1].empty() || parts[2].empty()) return std::nullopt;
  return TokenValue{Unescape(parts[0]), Unescape(parts[1]), Unescape(parts[2])};
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
  if (modifier == "of-type") return value == token;
  if (wanted.any_code) return value.system == token.system;
  return value.code == token.code && (wanted.any_system || value.system == token.system);
}

}  // namespace heyi::fhir
