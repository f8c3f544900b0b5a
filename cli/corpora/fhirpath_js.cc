// The cases of HL7's fhirpath.js: FHIRPath 2 and 3 on JSON of made-up types, and on R4 resources where a case names the
// model. Cases of other models, and those its authors have disabled, are not run. https://github.com/HL7/fhirpath.js
#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>

#include "base/file.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/path/decimal.h"
#include "fhir/path/path.h"
#include "fhir/path/plain_tree.h"
#include "fhir/path/quantity.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using fhir::Collection;
using fhir::PathValue;
using ValueKind = PathValue::Kind;


// What a case stands on: an R4 resource, or JSON without a model.
struct Subject {
  std::optional<fhir::Tree> resource;
  std::optional<fhir::PlainTree> plain;

  fhir::Node root() const { return resource ? resource->root() : plain ? plain->root() : fhir::Node(); }
};

// Of a resource inside a resource, what it says it is.
const fhir::Type* TypeOf(const JsonValue& value, const fhir::Type* stated, const fhir::Definitions& definitions) {
  const std::string_view name = value.StringAt("resourceType");
  return name.empty() ? stated : definitions.FindResource(name);
}

// fhirpath.js takes what FHIR's JSON does not allow, and the suite's resources have it: `"answer": {}` where a list is
// due, a list `_given` longer than `given`, members that no type has.
void BringInLine(JsonValue& value, const fhir::Type* type, const fhir::Definitions& definitions) {
  if (type != nullptr) {
    std::erase_if(value.members(), [type](const JsonValue::Member& member) {
      const bool beside = member.first.starts_with('_');
      const fhir::Property* property = type->Find(beside ? member.first.substr(1) : member.first);
      return member.first != "resourceType" && (property == nullptr || (beside && !property->type->is_primitive()));
    });
  }
  for (auto& [name, member] : value.members()) {
    JsonValue* beside = name.starts_with('_') ? nullptr : value.Find("_" + name);
    if (beside == nullptr || !member.is_array() || !beside->is_array()) continue;
    while (member.items().size() < beside->items().size()) member.Append(JsonValue());
    while (member.items().size() > beside->items().size()) beside->Append(JsonValue());
  }
  for (auto& [name, member] : value.members()) {
    const fhir::Property* property = type == nullptr ? nullptr : type->Find(name);
    if (property == nullptr) continue;
    if (member.is_array()) {
      for (JsonValue& item : member.items()) BringInLine(item, TypeOf(item, property->type, definitions), definitions);
      continue;
    }
    BringInLine(member, TypeOf(member, property->type, definitions), definitions);
    if (!property->element->list) continue;
    JsonValue list = JsonValue::Array();
    list.Append(std::move(member));
    member = std::move(list);
  }
}

Result<Subject> MakeSubject(JsonValue json, bool modelled, const fhir::Definitions& definitions) {
  Subject subject;
  const fhir::Type* type = modelled ? definitions.FindResource(json.StringAt("resourceType")) : nullptr;
  if (type != nullptr) {
    BringInLine(json, type, definitions);
    auto parsed = fhir::ParseResource(base::WriteJson(json), definitions);
    if (parsed.ok()) {
      subject.resource = std::move(*parsed);
      return subject;
    }
  }
  HEYI_TRY(plain, fhir::PlainTree::Parse(base::WriteJson(json)));
  subject.plain = std::move(plain);
  return subject;
}

class VariablesContext : public fhir::LocalEvalContext {
 public:
  VariablesContext() : LocalEvalContext(kNowMs) {}
  const Collection* Variable(std::string_view name) const override {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  Result<Done> Add(const std::string& name, const JsonValue& value, bool modelled, const fhir::Definitions& definitions) {
    Collection& items = values_[name];
    const auto add = [&](const JsonValue& one) -> Result<Done> {
      if (one.is_null()) return Done{};
      HEYI_TRY(subject, MakeSubject(one, modelled, definitions));
      items.push_back(PathValue::OfNode(subjects_.emplace_back(std::make_unique<Subject>(std::move(subject)))->root()));
      return Done{};
    };
    if (!value.is_array()) return add(value);
    for (const JsonValue& one : value.items()) HEYI_CHECK(add(one));
    return Done{};
  }

 private:
  std::map<std::string, Collection, std::less<>> values_;
  std::vector<std::unique_ptr<Subject>> subjects_;
};

bool SameMoment(ValueKind kind, std::string_view a, std::string_view b) {
  const auto x = fhir::ParseTemporal(kind, a), y = fhir::ParseTemporal(kind, b);
  return x && y && x->precision == y->precision && fhir::CompareTemporal(*x, *y) == 0;
}

bool SameNumber(std::string_view a, std::string_view b) {
  return fhir::Decimal::Parse(a) && fhir::Decimal::Parse(b) && fhir::CompareNumberTexts(a, b) == 0;
}

bool SameJson(const JsonValue& a, const JsonValue& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_number()) return SameNumber(a.text(), b.text());
  if (a.text() != b.text() || a.items().size() != b.items().size() || a.members().size() != b.members().size()) return false;
  for (size_t i = 0; i < a.items().size(); ++i) {
    if (!SameJson(a.items()[i], b.items()[i])) return false;
  }
  for (const auto& [name, value] : a.members()) {
    const JsonValue* other = b.Find(name);
    if (other == nullptr || !SameJson(value, *other)) return false;
  }
  return true;
}

// An item as fhirpath.js gives it: JSON; quantities as text, Longs as text, types as an object.
JsonValue JsonOf(const PathValue& item) {
  if (item.kind() == ValueKind::kType) {
    JsonValue type = JsonValue::Object();
    type.Set("name", JsonValue::OfString(item.text()));
    type.Set("namespace", JsonValue::OfString(item.unit()));
    return type;
  }
  if (item.kind() == ValueKind::kNode) {
    std::string json;
    if (item.node()) fhir::AppendJson(item.node(), json);
    auto parsed = base::ParseJson(std::move(json));
    return parsed.ok() ? std::move(*parsed) : JsonValue();
  }
  const std::string text(item.text());
  switch (item.kind()) {
    case ValueKind::kBoolean: return JsonValue::OfBool(text == "true");
    case ValueKind::kInteger:
    case ValueKind::kDecimal: return JsonValue::OfNumber(text);
    case ValueKind::kQuantity: {
      const char* quote = fhir::IsCalendarUnit(item.unit()) ? "" : "'";
      return JsonValue::OfString(fmt::format("{} {}{}{}", text, quote, item.unit(), quote));
    }
    default: return JsonValue::OfString(text);
  }
}

bool Same(const PathValue& item, const JsonValue& wanted) {
  if (SameJson(JsonOf(item), wanted)) return true;
  const fhir::Scalar scalar = fhir::ScalarOf(item);
  if (scalar.is_temporal()) return SameMoment(scalar.kind, scalar.text, wanted.text());
  if (item.kind() != ValueKind::kQuantity) return false;
  // "1 year" and "1 years"; 7.0 and 7.
  const size_t space = wanted.text().find(' ');
  if (space == std::string::npos) return false;
  std::string_view unit = std::string_view(wanted.text()).substr(space + 1);
  if (unit.size() > 1 && unit.front() == '\'') unit = unit.substr(1, unit.size() - 2);
  return fhir::CanonicalUnit(unit) == fhir::CanonicalUnit(item.unit()) && SameNumber(item.text(), wanted.text().substr(0, space));
}

class JsPathSuite {
 public:
  JsPathSuite(const Corpus& corpus, Report& report)
      : directory_(corpus.directory), report_(report), definitions_(corpus.parameters->definitions()) {}

  Result<Done> RunCase(const JsonValue& one) {
    const std::string model(one.StringAt("model"));
    if ((!model.empty() && model != "r4") || one["disable"].is_true()) {
      ++left_out_;
      return Done{};
    }
    const std::string group(one.StringAt("file"));
    HEYI_TRY(subject, SubjectOf(one, !model.empty()));
    VariablesContext context;  // what the result may point into
    const auto result = Evaluate(one, *subject, !model.empty(), context);
    const bool error = !one["error"].is_null();  // true, or the message that fhirpath.js has for it
    const std::string wanted = error ? "an error" : base::WriteJson(one["result"]);
    const JsonValue& text = one["expression"];
    const std::string shown = fmt::format("{} {}", one.StringAt("id"), text.is_string() ? text.text() : base::WriteJson(text));
    if (!result.ok()) {
      if (error) report_.Pass(group);
      else report_.Fail(group, shown, Briefly(result.error().outcome), wanted);
      return Done{};
    }
    if (!error && Fits(*result, one["result"])) report_.Pass(group);
    else report_.Fail(group, shown, Shown(*result), wanted);
    return Done{};
  }
  void Finish() {
    if (left_out_ > 0) report_.Note(fmt::format("fhirpath-js: {} of other models or disabled", left_out_));
  }

 private:
  Result<const Subject*> SubjectOf(const JsonValue& one, bool modelled) {
    const std::string input(one.StringAt("inputfile"));
    const std::string path = input.empty() ? fmt::format("{}/subjects/{}.json", directory_, one.StringAt("file"))
                                           : fmt::format("{}/r4/{}", directory_, input);
    auto& known = subjects_[{path, modelled}];
    if (known == nullptr) {
      known = std::make_unique<Subject>();
      const auto text = base::ReadFile(path);
      if (!text.ok() && !input.empty()) return text.error();
      if (text.ok()) {
        HEYI_TRY(json, base::ParseJson(*text));
        HEYI_TRY(subject, MakeSubject(std::move(json), modelled, definitions_));
        *known = std::move(subject);
      }
    }
    return known.get();
  }

  Result<Collection> Evaluate(const JsonValue& one, const Subject& subject, bool modelled, VariablesContext& context) const {
    fhir::CompileOptions options;
    if (!subject.resource) options.model = fhir::CompileOptions::Model::kNone;
    for (const auto& [name, value] : one["variables"].members()) {
      options.variables.push_back(name);
      HEYI_CHECK(context.Add(name, value, modelled, definitions_));
    }
    PathValue focus = PathValue::OfNode(subject.root());
    if (const std::string_view place = one.StringAt("context"); !place.empty()) {
      HEYI_TRY(path, fhir::Expression::Compile(place, definitions_, options));
      HEYI_TRY(found, path.Evaluate(focus, context));
      if (found.size() == 1) focus = found[0];
    }
    HEYI_TRY(expression, fhir::Expression::Compile(one.StringAt("expression"), definitions_, options));
    return expression.Evaluate(focus, context);
  }

  // fhirpath.js leaves out what has no value but only an id or extensions.
  static Collection WithValues(const Collection& items) {
    Collection kept;
    for (const PathValue& item : items) {
      if (!fhir::IsWithoutValue(item)) kept.push_back(item);
    }
    return kept;
  }
  static bool Fits(const Collection& all, const JsonValue& wanted) {
    const Collection items = WithValues(all);
    if (items.size() != wanted.items().size()) return false;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Same(items[i], wanted.items()[i])) return false;
    }
    return true;
  }
  static std::string Shown(const Collection& items) {
    JsonValue all = JsonValue::Array();
    for (const PathValue& item : items) all.Append(JsonOf(item));
    return base::WriteJson(all);
  }

  const std::string directory_;
  Report& report_;
  const fhir::Definitions& definitions_;
  std::map<std::pair<std::string, bool>, std::unique_ptr<Subject>> subjects_;
  size_t left_out_ = 0;
};

}  // namespace

Result<Done> RunFhirPathJs(const Corpus& corpus, Report& report) {
  HEYI_TRY(cases, ReadCases(corpus.directory + "/cases.json"));
  JsPathSuite suite(corpus, report);
  for (const JsonValue& one : cases.items()) HEYI_CHECK(suite.RunCase(one));
  suite.Finish();
  return Done{};
}

}  // namespace heyi::cli
