#include "fhir/search/parameters.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "fhir/path/parser.h"
#include "fhir/path/program.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

using base::Result;

std::optional<SearchType> SearchTypeOf(std::string_view name) {
  constexpr std::pair<std::string_view, SearchType> kTypes[] = {
      {"token", SearchType::kToken},       {"string", SearchType::kString},     {"date", SearchType::kDate},
      {"reference", SearchType::kReference}, {"number", SearchType::kNumber},   {"quantity", SearchType::kQuantity},
      {"uri", SearchType::kUri},           {"composite", SearchType::kComposite}, {"special", SearchType::kSpecial}};
  for (const auto& [known, type] : kTypes) {
    if (known == name) return type;
  }
  return std::nullopt;
}

// An expression cut at its outermost `|`: each branch, with the type it begins with.
class Branches {
 public:
  static Result<Branches> Of(std::string_view expression, const Definitions& definitions) {
    HEYI_TRY(ast, ParsePath(expression));
    Branches branches;
    if (ast->kind != AstKind::kUnion) {
      branches.Add(*ast, expression, definitions);
    } else {
      for (const AstPtr& child : ast->children) branches.Add(*child, expression, definitions);
    }
    return branches;
  }

  // The branches that can give something for a resource of `type`, joined again; empty where there is none.
  std::string For(const Type& type) const {
    std::string text;
    for (const Branch& branch : branches_) {
      if (branch.head != nullptr && !type.IsA(branch.head->name)) continue;
      if (!text.empty()) text += " | ";
      text += branch.text;
    }
    return text;
  }

 private:
  struct Branch {
    std::string_view text;
    const Type* head;
  };
  void Add(const Ast& ast, std::string_view expression, const Definitions& definitions) {
    branches_.push_back({expression.substr(ast.begin, ast.end - ast.begin), HeadTypeOf(ast, definitions)});
  }
  std::vector<Branch> branches_;
};

// Expressions by text, each compiled once.
class ExpressionPool {
 public:
  ExpressionPool(const Definitions& definitions, std::vector<std::unique_ptr<Expression>>& owned)
      : definitions_(definitions), owned_(owned) {}

  Result<const Expression*> Get(const std::string& text) {
    const auto [entry, added] = by_text_.emplace(text, nullptr);
    if (added) {
      HEYI_TRY(compiled, Expression::Compile(text, definitions_, {.as = CompileOptions::As::kFilters}));
      owned_.push_back(std::make_unique<Expression>(std::move(compiled)));
      entry->second = owned_.back().get();
    }
    return entry->second;
  }

 private:
  const Definitions& definitions_;
  std::vector<std::unique_ptr<Expression>>& owned_;
  std::unordered_map<std::string, const Expression*> by_text_;
};

// Numbers must stay: they are given in an order that depends on nothing but the definitions.
std::vector<const SearchParameterDefinition*> InOrder(const Definitions& definitions) {
  std::vector<const SearchParameterDefinition*> order;
  for (const SearchParameterDefinition& definition : definitions.search_parameters()) order.push_back(&definition);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::tie(a->url, a->code) < std::tie(b->url, b->code);
  });
  return order;
}

std::vector<const Type*> TypesOf(const SearchParameterDefinition& definition, const Definitions& definitions) {
  std::vector<const Type*> types;
  for (const Type* type : definitions.resources()) {
    const bool applies = std::any_of(definition.bases.begin(), definition.bases.end(),
                                     [type](const std::string& base) { return type->IsA(base); });
    if (applies) types.push_back(type);
  }
  return types;
}

base::Error Broken(std::string_view rule, const SearchParameterDefinition& definition) {
  return base::Error(base::ErrorKind::kInvalid, rule, {}, definition.url);
}

// Where R4 itself is mistaken: the parts' expressions of these composites are not what their definitions say.
// DocumentReference-relationship has them swapped; Observation-code-value-date names System's DateTime, which no
// element is (the parameter value-date has it right).
std::string_view Corrected(std::string_view composite, std::string_view expression) {
  constexpr std::string_view kErrata[][3] = {
      {"http://hl7.org/fhir/SearchParameter/DocumentReference-relationship", "code", "target"},
      {"http://hl7.org/fhir/SearchParameter/DocumentReference-relationship", "target", "code"},
      {"http://hl7.org/fhir/SearchParameter/Observation-code-value-date", "value.as(DateTime) | value.as(Period)",
       "value.as(dateTime) | value.as(Period)"},
  };
  for (const auto& [url, wrong, right] : kErrata) {
    if (url == composite && wrong == expression) return right;
  }
  return expression;
}

}  // namespace

class ParameterCompiler {
 public:
  ParameterCompiler(std::shared_ptr<const Definitions> definitions, int zone_minutes)
      : made_(std::make_shared<SearchParameters>()), pool_(*definitions, made_->expressions_) {
    made_->definitions_ = std::move(definitions);
    made_->zone_minutes_ = zone_minutes;
  }

  Result<std::shared_ptr<const SearchParameters>> Run() {
    const std::vector<const SearchParameterDefinition*> order = InOrder(made_->definitions());
    if (order.size() >= kSearchNumberReserved) {
      return base::Error(base::ErrorKind::kTooLarge, "path.search-parameters", {}, std::to_string(order.size()));
    }
    uint16_t number = 0;
    for (const SearchParameterDefinition* definition : order) HEYI_CHECK(Add(*definition, ++number));
    HEYI_CHECK(AddComponents());
    for (auto& [type, parameters] : made_->by_type_) {
      std::stable_sort(parameters.begin(), parameters.end(),
                       [](const auto* a, const auto* b) { return a->code < b->code; });
    }
    made_->FillCompartments();
    return std::shared_ptr<const SearchParameters>(std::move(made_));
  }

 private:
  // Of one composite parameter on one type: its parts can be found only when all parameters are there.
  struct Unfinished {
    SearchParameter* parameter;
    const SearchParameterDefinition* definition;
    const Type* type;
  };

  Result<base::Done> Add(const SearchParameterDefinition& definition, uint16_t number) {
    const std::optional<SearchType> search_type = SearchTypeOf(definition.type);
    if (!search_type) return Broken("path.search-type", definition);
    Branches branches;
    const bool indexed = *search_type != SearchType::kSpecial && !definition.expression.empty();
    if (indexed) {
      HEYI_TRY(cut, Branches::Of(definition.expression, made_->definitions()));
      branches = std::move(cut);
    }
    std::map<const Expression*, SearchParameter*> alike;  // of this definition
    for (const Type* type : TypesOf(definition, made_->definitions())) {
      const Expression* expression = nullptr;
      if (const std::string text = indexed ? branches.For(*type) : std::string(); !text.empty()) {
        HEYI_TRY(compiled, pool_.Get(text));
        expression = compiled;
      }
      SearchParameter*& parameter = alike[expression];
      if (parameter == nullptr) {
        made_->owned_.push_back(std::make_unique<SearchParameter>());
        parameter = made_->owned_.back().get();
        parameter->code = definition.code;
        parameter->url = definition.url;
        parameter->type = *search_type;
        parameter->number = number;
        parameter->targets = definition.targets;
        parameter->expression = expression;
        parameter->zone_minutes = made_->zone_minutes_;
        if (*search_type == SearchType::kToken && expression != nullptr) {
          parameter->implied_system = ImpliedSystem(expression->text(), made_->definitions());
        }
        if (*search_type == SearchType::kComposite) composites_.push_back({parameter, &definition, type});
      }
      made_->by_type_[type].push_back(parameter);
    }
    return base::Done{};
  }

  // A composite with a part that nobody defines is not indexed.
  Result<base::Done> AddComponents() {
    for (const Unfinished& composite : composites_) {
      for (const SearchParameterDefinition::Component& component : composite.definition->components) {
        const SearchParameter* parameter = FindByUrl(*composite.type, component.definition);
        if (parameter == nullptr || parameter->type == SearchType::kComposite) break;
        HEYI_TRY(expression, pool_.Get(std::string(Corrected(composite.definition->url, component.expression))));
        composite.parameter->components.push_back({parameter, expression});
      }
      const size_t wanted = composite.definition->components.size();
      if (wanted < 2 || composite.parameter->components.size() != wanted) composite.parameter->expression = nullptr;
    }
    for (const Unfinished& inner : composites_) {
      for (const Unfinished& outer : composites_) {
        if (Covers(outer, inner)) inner.parameter->covered_by = outer.parameter;
      }
    }
    return base::Done{};
  }

  // "Observation | Observation.component" covers "Observation", where the components are alike.
  static bool Covers(const Unfinished& outer, const Unfinished& inner) {
    if (outer.type != inner.type || !outer.parameter->indexed() || !inner.parameter->indexed()) return false;
    const std::string branches = " | " + outer.parameter->expression->text() + " | ";
    const std::string branch = " | " + inner.parameter->expression->text() + " | ";
    if (branches == branch || branches.find(branch) == std::string::npos) return false;
    const auto alike = [](const SearchParameter::Component& a, const SearchParameter::Component& b) {
      return a.expression == b.expression && a.parameter->type == b.parameter->type;
    };
    const auto& parts = outer.parameter->components;
    const auto& inner_parts = inner.parameter->components;
    return std::equal(parts.begin(), parts.end(), inner_parts.begin(), inner_parts.end(), alike);
  }

  const SearchParameter* FindByUrl(const Type& type, std::string_view url) const {
    const auto& all = made_->by_type_[&type];
    const auto found = std::find_if(all.begin(), all.end(), [url](const auto* one) { return one->url == url; });
    return found == all.end() ? nullptr : *found;
  }

  std::shared_ptr<SearchParameters> made_;
  ExpressionPool pool_;
  std::vector<Unfinished> composites_;
};

Result<std::shared_ptr<const SearchParameters>> SearchParameters::Compile(
    std::shared_ptr<const Definitions> definitions, int zone_minutes) {
  return ParameterCompiler(std::move(definitions), zone_minutes).Run();
}

void SearchParameters::FillCompartments() {
  for (const Compartment& compartment : definitions_->compartments()) {
    for (const auto& [member, codes] : compartment.members) {
      const Type* type = definitions_->FindResource(member);
      if (type == nullptr) continue;
      std::vector<const SearchParameter*>& parameters = compartments_[compartment.code + "/" + member];
      for (const std::string& code : codes) {
        if (const SearchParameter* parameter = Find(*type, code)) parameters.push_back(parameter);
      }
    }
  }
}

const SearchParameter* SearchParameters::Find(const Type& type, std::string_view code) const {
  const std::span<const SearchParameter* const> all = Of(type);
  const auto before = [](const SearchParameter* one, std::string_view wanted) { return one->code < wanted; };
  const auto found = std::lower_bound(all.begin(), all.end(), code, before);
  return found != all.end() && (*found)->code == code ? *found : nullptr;
}

std::span<const SearchParameter* const> SearchParameters::Of(const Type& type) const {
  const auto found = by_type_.find(&type);
  if (found == by_type_.end()) return {};
  return found->second;
}

std::span<const SearchParameter* const> SearchParameters::CompartmentParameters(std::string_view compartment,
                                                                                const Type& member) const {
  const auto found = compartments_.find(std::string(compartment) + "/" + member.name);
  if (found == compartments_.end()) return {};
  return found->second;
}

}  // namespace heyi::fhir
