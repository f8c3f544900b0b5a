// The base search parameters, compiled.
#include <gtest/gtest.h>

#include <set>

#include "fhir/search/parameters.h"
#include "tests/fhir/search_support.h"

namespace heyi::fhir {
namespace {

const Type& T(std::string_view name) { return *TestDefinitions().FindResource(name); }

std::vector<std::string> CodesOf(std::span<const SearchParameter* const> parameters) {
  std::vector<std::string> codes;
  for (const SearchParameter* parameter : parameters) codes.push_back(parameter->code);
  return codes;
}

TEST(Parameters, EveryExpressionCompiles) {
  size_t expressions = 0;
  for (const SearchParameterDefinition& definition : TestDefinitions().search_parameters()) {
    if (!definition.expression.empty()) {
      const auto compiled = Expression::Compile(definition.expression, TestDefinitions());
      EXPECT_TRUE(compiled.ok()) << definition.url << ": " << definition.expression;
      ++expressions;
    }
    for (const SearchParameterDefinition::Component& component : definition.components) {
      const auto compiled = Expression::Compile(component.expression, TestDefinitions());
      EXPECT_TRUE(compiled.ok()) << definition.url << ": " << component.expression;
    }
  }
  EXPECT_EQ(expressions, 1'372u);
}

// The package has a few more than the registry: those of extensions and examples, which the pack leaves out.
TEST(Parameters, EveryExpressionOfThePackageCompiles) {
  const auto files = FilesIn(std::filesystem::path(HEYI_SOURCE_DIR) / "node_modules/hl7.fhir.r4.examples", ".json");
  if (files.empty()) GTEST_SKIP() << "no node_modules/hl7.fhir.r4.examples: run `npm ci`";
  size_t expressions = 0;
  for (const std::filesystem::path& file : files) {
    if (!file.filename().string().starts_with("SearchParameter-")) continue;
    const base::JsonValue parameter = ReadTestJson(file);
    const std::string_view expression = parameter.StringAt("expression");
    if (expression.empty()) continue;
    const auto compiled = Expression::Compile(expression, TestDefinitions());
    EXPECT_TRUE(compiled.ok()) << file << ": " << expression;
    ++expressions;
  }
  EXPECT_EQ(expressions, 1'384u);
}

TEST(Parameters, EveryBaseTypeGetsItsOwn) {
  size_t indexed = 0;
  for (const SearchParameterDefinition& definition : TestDefinitions().search_parameters()) {
    for (const Type* type : TestDefinitions().resources()) {
      const bool applies = std::any_of(definition.bases.begin(), definition.bases.end(),
                                       [&](const auto& base_type) { return type->IsA(base_type); });
      if (!applies) continue;
      const SearchParameter* parameter = TestParameters().Find(*type, definition.code);
      ASSERT_NE(parameter, nullptr) << type->name << " " << definition.code;
      EXPECT_EQ(parameter->url, definition.url) << type->name << " " << definition.code;
      const bool may = !definition.expression.empty() && definition.type != "special";
      EXPECT_EQ(parameter->components.size(), definition.components.size()) << definition.url;
      EXPECT_EQ(parameter->indexed(), may) << type->name << " " << definition.url << ": " << definition.expression;
      indexed += parameter->indexed() ? 1 : 0;
    }
  }
  EXPECT_GT(indexed, 2'000u);
}

TEST(Parameters, UnionsAreCutToTheType) {
  const auto text = [](std::string_view type, std::string_view code) {
    return TestParameters().Find(T(type), code)->expression->text();
  };
  EXPECT_EQ(text("Patient", "email"), "Patient.telecom.where(system='email')");
  EXPECT_EQ(text("Observation", "patient"), "Observation.subject.where(resolve() is Patient)");
  EXPECT_EQ(text("DeviceRequest", "code"), "(DeviceRequest.code as CodeableConcept)");
  EXPECT_EQ(text("Observation", "combo-value-quantity"),
            "(Observation.value as Quantity) | (Observation.value as SampledData) | "
            "(Observation.component.value as Quantity) | (Observation.component.value as SampledData)");
  EXPECT_EQ(text("Encounter", "date"), "Encounter.period");
  EXPECT_EQ(text("RiskAssessment", "date"), "(RiskAssessment.occurrence as dateTime)");
  EXPECT_EQ(text("Encounter", "_id"), "Resource.id");
  // The same expression is compiled once.
  EXPECT_EQ(TestParameters().Find(T("Encounter"), "_id"), TestParameters().Find(T("Patient"), "_id"));
}

TEST(Parameters, KindsAndTargets) {
  const auto type = [](std::string_view resource, std::string_view code) {
    return TestParameters().Find(T(resource), code)->type;
  };
  EXPECT_EQ(type("Patient", "name"), SearchType::kString);
  EXPECT_EQ(type("Patient", "birthdate"), SearchType::kDate);
  EXPECT_EQ(type("Patient", "identifier"), SearchType::kToken);
  EXPECT_EQ(type("Patient", "general-practitioner"), SearchType::kReference);
  EXPECT_EQ(type("Observation", "value-quantity"), SearchType::kQuantity);
  EXPECT_EQ(type("Observation", "code-value-quantity"), SearchType::kComposite);
  EXPECT_EQ(type("RiskAssessment", "probability"), SearchType::kNumber);
  EXPECT_EQ(type("ValueSet", "url"), SearchType::kUri);
  EXPECT_EQ(type("Location", "near"), SearchType::kSpecial);
  EXPECT_FALSE(TestParameters().Find(T("Location"), "near")->indexed());
  EXPECT_EQ(TestParameters().Find(T("Observation"), "device")->targets,
            (std::vector<std::string>{"Device", "DeviceMetric"}));
  EXPECT_EQ(TestParameters().Find(T("Patient"), "nothing"), nullptr);
}

TEST(Parameters, SortedByCodeAndNumberedByUrl) {
  std::map<uint16_t, std::string> by_number;
  for (const Type* type : TestDefinitions().resources()) {
    const std::vector<std::string> codes = CodesOf(TestParameters().Of(*type));
    EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end())) << type->name;
    EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), codes.size()) << type->name;
    for (const SearchParameter* parameter : TestParameters().Of(*type)) {
      const auto [entry, added] = by_number.emplace(parameter->number, parameter->url);
      EXPECT_EQ(entry->second, parameter->url);
    }
  }
  EXPECT_EQ(by_number.size(), TestDefinitions().search_parameters().size());
  EXPECT_EQ(by_number.begin()->first, 1);
  EXPECT_EQ(by_number.rbegin()->first, by_number.size());
  std::string before;
  for (const auto& [number, url] : by_number) {
    EXPECT_LT(before, url) << number;
    before = url;
  }
}

TEST(Parameters, Compartments) {
  const auto codes_of = [](std::string_view member) {
    return CodesOf(TestParameters().CompartmentParameters("Patient", T(member)));
  };
  EXPECT_EQ(codes_of("Observation"), (std::vector<std::string>{"subject", "performer"}));
  EXPECT_EQ(codes_of("Patient"), (std::vector<std::string>{"link"}));
  EXPECT_TRUE(TestParameters().CompartmentParameters("Patient", T("Medication")).empty());
  EXPECT_TRUE(TestParameters().CompartmentParameters("Nobody", T("Observation")).empty());
  for (const Compartment& compartment : TestDefinitions().compartments()) {
    for (const auto& [member, codes] : compartment.members) {
      for (const std::string& code : codes) {
        if (code == "{def}") continue;  // the resource itself, which no parameter says
        EXPECT_NE(TestParameters().Find(T(member), code), nullptr) << compartment.code << " " << member << " " << code;
      }
    }
  }
}

TEST(Parameters, ExtractsFromResources) {
  const Tree patient = MustParse(R"({"resourceType":"Patient","id":"p","deceasedBoolean":true,"birthDate":"1950-01-01",
    "telecom":[{"system":"phone","value":"1"},{"system":"email","value":"a@b"}]})");
  const auto count = [&](std::string_view code) {
    const Expression& expression = *TestParameters().Find(*patient.type(), code)->expression;
    const auto items = expression.Evaluate(patient.root(), LocalEvalContext(0));
    return items.ok() ? static_cast<int>(items->size()) : -1;
  };
  EXPECT_EQ(count("email"), 1);
  EXPECT_EQ(count("phone"), 1);
  EXPECT_EQ(count("telecom"), 2);
  EXPECT_EQ(count("deceased"), 1);
  EXPECT_EQ(count("death-date"), 0);
  EXPECT_EQ(count("birthdate"), 1);
  EXPECT_EQ(count("_id"), 1);
}

}  // namespace
}  // namespace heyi::fhir
