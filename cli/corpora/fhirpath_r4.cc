// HL7's FHIRPath cases for R4: an expression on an example resource, and what must come of it, in order; or that
// nothing may, because the expression is wrong. https://github.com/FHIR/fhir-test-cases (r4/fhirpath)
#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "fhir/json/parse.h"
#include "fhir/path/decimal.h"
#include "fhir/path/path.h"
#include "fhir/path/value.h"
#include "fhir/xml/parse.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using fhir::Collection;
using fhir::PathValue;


// Resources by file name, read once each.
class Inputs {
 public:
  Inputs(std::string directory, const fhir::Definitions& definitions) : directory_(std::move(directory)), definitions_(definitions) {}

  const Result<fhir::Tree>& Get(const std::string& name) {
    auto known = trees_.find(name);
    if (known == trees_.end()) known = trees_.emplace(name, Read(name)).first;
    return known->second;
  }

 private:
  Result<fhir::Tree> Read(const std::string& name) const {
    HEYI_TRY(text, base::ReadFile(directory_ + "/" + name));
    return name.ends_with(".xml") ? fhir::ParseXmlResource(std::move(text), definitions_) : fhir::ParseResource(std::move(text), definitions_);
  }

  const std::string directory_;
  const fhir::Definitions& definitions_;
  std::map<std::string, Result<fhir::Tree>> trees_;
};

// The cases' name of an item's type: FHIR's own, or System's with a small letter ("boolean", but "Quantity").
std::string TypeName(const PathValue& item) {
  if (item.kind() == PathValue::Kind::kNode) return item.type() == nullptr ? "?" : item.type()->name;
  std::string name(fhir::SystemTypeName(item.kind()));
  if (!name.empty() && name != "Quantity") name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

// The cases' way to write a value: dates with `@`, times with `@T`, quantities with their unit in quotes.
std::string ValueText(const PathValue& item) {
  const fhir::Scalar scalar = fhir::ScalarOf(item);
  switch (scalar.kind) {
    case PathValue::Kind::kDate:
    case PathValue::Kind::kDateTime: return fmt::format("@{}", scalar.text);
    case PathValue::Kind::kTime: return fmt::format("@T{}", scalar.text);
    case PathValue::Kind::kQuantity: return fmt::format("{} '{}'", scalar.text, scalar.unit);
    default: return std::string(scalar.text);
  }
}

std::string Shown(std::string_view type, std::string_view value) {
  return type.empty() ? std::string(value) : fmt::format("{}({})", type, value);
}

// Numbers are the same by value, all else by its text. A case may leave the type or the value open.
bool Same(const PathValue& item, std::string_view type, const JsonValue* value) {
  if (!type.empty() && TypeName(item) != type) return false;
  if (value == nullptr || value->is_null()) return true;
  const std::string text = ValueText(item);
  if (text == value->text()) return true;
  const auto got = fhir::Decimal::Parse(text), wanted = fhir::Decimal::Parse(value->text());
  return fhir::ScalarOf(item).is_number() && got && wanted && fhir::CompareNumberTexts(text, value->text()) == 0;
}

// `predicate`: what counts is whether there is anything, or the one boolean that there is.
Collection AsPredicate(const Collection& items) {
  const bool only_false = items.size() == 1 && fhir::ScalarOf(items[0]).kind == PathValue::Kind::kBoolean && fhir::ScalarOf(items[0]).text == "false";
  return {PathValue::OfBoolean(!items.empty() && !only_false)};
}

class PathSuite {
 public:
  PathSuite(const Corpus& corpus, Report& report)
      : report_(report), definitions_(corpus.parameters->definitions()), inputs_(corpus.directory + "/input", definitions_) {}

  void RunCase(const JsonValue& one) {
    const std::string id(one.StringAt("id"));
    const std::string group = id.substr(0, id.find('/'));
    const std::string invalid(one.StringAt("invalid"));
    const std::string wanted = invalid.empty() ? Wanted(one["outputs"]) : "an error: " + invalid;
    const std::string shown_id = fmt::format("{} {}", id, one.StringAt("expression"));
    fhir::Node focus;
    if (const std::string name(one.StringAt("input")); !name.empty()) {
      const Result<fhir::Tree>& tree = inputs_.Get(name);
      if (!tree.ok()) return report_.Fail(group, shown_id, fmt::format("{}: {}", name, Briefly(tree.error().outcome)), wanted);
      focus = tree->root();
    }
    const bool strict = one.StringAt("mode") == "strict";  // the case asks for a check against the definitions
    const auto result = Evaluate(one.StringAt("expression"), focus, strict);
    if (!result.ok() && invalid.empty()) return report_.Fail(group, shown_id, Briefly(result.error().outcome), wanted);
    if (!result.ok()) return report_.Pass(group);
    const Collection items = one.StringAt("predicate") == "true" ? AsPredicate(*result) : *result;
    if (!invalid.empty() || !Fits(items, one["outputs"])) return report_.Fail(group, shown_id, Got(items), wanted);
    report_.Pass(group);
  }

 private:
  Result<Collection> Evaluate(std::string_view text, fhir::Node focus, bool strict) const {
    fhir::CompileOptions options;
    if (strict) options.types = fhir::CompileOptions::Types::kStrict;
    options.focus = focus ? focus.type() : nullptr;
    HEYI_TRY(expression, fhir::Expression::Compile(text, definitions_, options));
    return expression.Evaluate(focus, context_);
  }

  static bool Fits(const Collection& items, const JsonValue& outputs) {
    if (items.size() != outputs.items().size()) return false;
    for (size_t i = 0; i < items.size(); ++i) {
      const JsonValue& output = outputs.items()[i];
      if (!Same(items[i], output.StringAt("type"), output.Find("value"))) return false;
    }
    return true;
  }

  static std::string Wanted(const JsonValue& outputs) {
    std::string text;
    for (const JsonValue& output : outputs.items()) text += Shown(output.StringAt("type"), output.StringAt("value")) + " ";
    return "{ " + text + "}";
  }

  static std::string Got(const Collection& items) {
    std::string text;
    for (const PathValue& item : items) text += Shown(TypeName(item), ValueText(item)) + " ";
    return "{ " + text + "}";
  }

  Report& report_;
  const fhir::Definitions& definitions_;
  Inputs inputs_;
  const fhir::LocalEvalContext context_{kNowMs};
};

}  // namespace

Result<Done> RunFhirPath(const Corpus& corpus, Report& report) {
  HEYI_TRY(cases, ReadCases(corpus.directory + "/cases.json"));
  PathSuite suite(corpus, report);
  for (const JsonValue& one : cases.items()) suite.RunCase(one);
  return Done{};
}

}  // namespace heyi::cli
