#include "fhir/search/parameters.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "fhir/path/parser.h"
#include "fhir/path/program.h"

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

bool IsIndexable(SearchType type) { return type != SearchType::kComposite && type != SearchType::kSpecial; }

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
      HEYI_TRY(compiled, Expression::Compile(text, definitions_));
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

}  // namespace

Result<std::shared_ptr<const SearchParameters>> SearchParameters::Compile(
    std::shared_ptr<const Definitions> definitions) {
  auto made = std::make_shared<SearchParameters>();
  made->definitions_ = definitions;
  ExpressionPool pool(*definitions, made->expressions_);
  const std::vector<const SearchParameterDefinition*> order = InOrder(*definitions);
  if (order.size() >= kSearchNumberReserved) {
    return base::Error(base::ErrorKind::kTooLarge, "path.search-parameters", {}, std::to_string(order.size()));
  }

  uint16_t number = 0;
  for (const SearchParameterDefinition* definition : order) {
    ++number;
    const std::optional<SearchType> search_type = SearchTypeOf(definition->type);
    if (!search_type) return Broken("path.search-type", *definition);
    Branches branches;
    const bool indexed = IsIndexable(*search_type) && !definition->expression.empty();
    if (indexed) {
      HEYI_TRY(cut, Branches::Of(definition->expression, *definitions));
      branches = std::move(cut);
    }
    std::map<const Expression*, const SearchParameter*> alike;  // of this definition
    for (const Type* type : TypesOf(*definition, *definitions)) {
      const Expression* expression = nullptr;
      if (const std::string text = indexed ? branches.For(*type) : std::string(); !text.empty()) {
        HEYI_TRY(compiled, pool.Get(text));
        expression = compiled;
      }
      const SearchParameter*& parameter = alike[expression];
      if (parameter == nullptr) {
        made->owned_.push_back(std::make_unique<SearchParameter>(SearchParameter{
            definition->code, definition->url, *search_type, number, definition->targets, expression}));
        parameter = made->owned_.back().get();
      }
      made->by_type_[type].push_back(parameter);
    }
  }
  for (auto& [type, parameters] : made->by_type_) {
    std::stable_sort(parameters.begin(), parameters.end(),
                     [](const auto* a, const auto* b) { return a->code < b->code; });
  }
  made->FillCompartments();
  return std::shared_ptr<const SearchParameters>(std::move(made));
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
