// Criteria on other resources: chains go along a reference, _has comes against one.
// https://hl7.org/fhir/R4/search.html#chaining and #has
#include <algorithm>

#include "fhir/search/parsing.h"

namespace heyi::fhir {
namespace {

constexpr std::string_view kHas = "_has:";

std::nullopt_t Refuse(Parsing& parsing, std::string_view rule, std::string_view detail) {
  parsing.refusals.Refuse(rule, detail);
  return std::nullopt;
}

std::nullopt_t RefuseOrIgnore(Parsing& parsing, std::string_view rule, std::string_view detail) {
  parsing.refusals.RefuseOrIgnore(rule, detail);
  return std::nullopt;
}

const SearchParameter* FindReference(const Parsing& parsing, const Type& type, std::string_view code) {
  const SearchParameter* parameter = parsing.parameters.Find(type, code);
  return parameter != nullptr && parameter->type == SearchType::kReference && parameter->indexed() ? parameter
      : nullptr;
}

// The criterion at the other end, or what is wrong with it there.
std::optional<Criterion> ParseFarEnd(Parsing& parsing, const Type& type, std::string_view name, std::string_view value,
                                     size_t links) {
  if (parsing.linked_left == 0) {
    parsing.refusals.TooCostly("at most " + std::to_string(kLinkedCriteriaMax) + " resource types in its chains, name them");
    return std::nullopt;
  }
  --parsing.linked_left;
  return ParseCriterion(parsing, type, name, value, links + 1);
}

// "patient:code" of _has:Observation:patient:code
std::optional<Criterion> ParseHas(Parsing& parsing, std::string_view name, std::string_view value, size_t links) {
  std::string_view rest = name.substr(kHas.size());
  const size_t colon = rest.find(':');
  const size_t second = colon == std::string_view::npos ? colon : rest.find(':', colon + 1);
  if (second == std::string_view::npos) return Refuse(parsing, "search.value", name);
  const Type* source = parsing.parameters.definitions().FindResource(rest.substr(0, colon));
  if (source == nullptr) return Refuse(parsing, "search.value", rest.substr(0, colon));
  const std::string_view code = rest.substr(colon + 1, second - colon - 1);
  Criterion criterion;
  criterion.via = Via::kHas;
  criterion.parameter = FindReference(parsing, *source, code);
  if (criterion.parameter == nullptr) return RefuseOrIgnore(parsing, "search.unknown-parameter", code);
  std::optional<Criterion> far = ParseFarEnd(parsing, *source, rest.substr(second + 1), value, links);
  if (!far) return std::nullopt;
  criterion.linked.push_back({source, std::move(*far)});
  return criterion;
}

std::vector<const Type*> TypesMeant(const Parsing& parsing, const SearchParameter& parameter,
                                    std::string_view type_name) {
  const Definitions& definitions = parsing.parameters.definitions();
  const std::vector<std::string>& targets = parameter.targets;
  std::vector<const Type*> types;
  if (!type_name.empty()) {
    const bool may = targets.empty() || std::find(targets.begin(), targets.end(), type_name) != targets.end();
    if (const Type* type = definitions.FindResource(type_name); type != nullptr && may) types.push_back(type);
    return types;
  }
  for (const std::string& target : targets) {
    if (const Type* type = definitions.FindResource(target)) types.push_back(type);
  }
  if (targets.empty()) types.assign(definitions.resources().begin(), definitions.resources().end());
  return types;
}

// "subject.name", "subject:Patient.organization.name"
std::optional<Criterion> ParseChain(Parsing& parsing, const Type& type, std::string_view name, std::string_view value,
                                    size_t links) {
  const size_t dot = name.find('.');
  const std::string_view head = name.substr(0, dot);
  const std::string_view rest = name.substr(dot + 1);
  const size_t colon = std::min(head.find(':'), head.size());
  const std::string_view type_name = colon < head.size() ? head.substr(colon + 1) : std::string_view();
  Criterion criterion;
  criterion.via = Via::kChain;
  criterion.parameter = FindReference(parsing, type, head.substr(0, colon));
  if (criterion.parameter == nullptr) return RefuseOrIgnore(parsing, "search.unknown-parameter", head.substr(0, colon));
  const std::vector<const Type*> types = TypesMeant(parsing, *criterion.parameter, type_name);
  if (types.empty() || (colon < head.size() && type_name.empty())) return Refuse(parsing, "search.modifier", head);

  // Of the types that may be meant, those that the rest makes sense for. Where it makes sense for none, the one that
  // understood most of it says why.
  std::optional<Refusals> why;
  for (const Type* target : types) {
    Refusals tried(/*lenient=*/false);
    tried.Begin(parsing.refusals.name());
    Parsing inner{parsing.parameters, tried, parsing.linked_left};
    std::optional<Criterion> far = ParseFarEnd(inner, *target, rest, value, links);
    parsing.linked_left = inner.linked_left;
    if (!tried.costly().empty()) {
      parsing.refusals.Append(tried);
      return std::nullopt;
    }
    if (far) {
      criterion.linked.push_back({target, std::move(*far)});
    } else if (!why || why->refused().issues().front().rule == "search.unknown-parameter") {
      why = std::move(tried);
    }
  }
  if (!criterion.linked.empty()) return criterion;
  const base::Issue& first = why->refused().issues().front();
  const bool ignorable = first.rule == "search.unknown-parameter" || first.rule == "search.not-supported";
  return ignorable ? RefuseOrIgnore(parsing, first.rule, first.detail) : Refuse(parsing, first.rule, first.detail);
}

}  // namespace

bool IsLinkName(std::string_view name) {
  return name.starts_with(kHas) || name.find('.') != std::string_view::npos;
}

std::optional<Criterion> ParseLink(Parsing& parsing, const Type& type, std::string_view name, std::string_view value,
                                   size_t links) {
  if (links == kLinksMax) {
    parsing.refusals.TooCostly("at most " + std::to_string(kLinksMax) + " links in a chain");
    return std::nullopt;
  }
  return name.starts_with(kHas) ? ParseHas(parsing, name, value, links) : ParseChain(parsing, type, name, value, links);
}

}  // namespace heyi::fhir
