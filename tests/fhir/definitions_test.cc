#include <set>

#include "base/compress.h"
#include "fhir/model/pack.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

const Property& PropertyOf(std::string_view type, std::string_view name) {
  const Type* found = TestDefinitions().FindType(type);
  EXPECT_NE(found, nullptr) << type;
  const Property* property = found->Find(name);
  EXPECT_NE(property, nullptr) << type << "." << name;
  return *property;
}

TEST(Definitions, HoldsTheResourcesInAlphabeticalOrder) {
  const auto resources = TestDefinitions().resources();
  ASSERT_EQ(resources.size(), 146u);
  EXPECT_EQ(resources.front()->name, "Account");
  EXPECT_EQ(resources.back()->name, "VisionPrescription");
  for (size_t i = 0; i < resources.size(); ++i) {
    EXPECT_EQ(resources[i]->number, i + 1);
    EXPECT_TRUE(resources[i]->IsA("Resource")) << resources[i]->name;
    EXPECT_EQ(TestDefinitions().FindResource(resources[i]->name), resources[i]);
  }
  EXPECT_EQ(TestDefinitions().FindResource("DomainResource"), nullptr);
  EXPECT_EQ(TestDefinitions().FindResource("HumanName"), nullptr);
  EXPECT_EQ(TestDefinitions().FindResource("MetadataResource"), nullptr);
}

TEST(Definitions, KnowsWhatATypeIsBuiltOn) {
  const Definitions& definitions = TestDefinitions();
  EXPECT_EQ(definitions.FindType("Patient")->base->name, "DomainResource");
  EXPECT_EQ(definitions.FindType("Bundle")->base->name, "Resource");
  EXPECT_TRUE(definitions.FindType("Age")->IsA("Quantity"));
  EXPECT_TRUE(definitions.FindType("code")->IsA("string"));
  EXPECT_FALSE(definitions.FindType("string")->IsA("code"));
  EXPECT_EQ(definitions.FindType("Patient.contact")->kind, Type::Kind::kBackbone);
  EXPECT_TRUE(definitions.FindType("Patient.contact")->IsA("BackboneElement"));
  EXPECT_FALSE(definitions.FindType("Timing.repeat")->IsA("BackboneElement"));
  EXPECT_TRUE(definitions.FindType("Timing.repeat")->IsA("Element"));
  EXPECT_TRUE(definitions.FindType("SimpleQuantity")->IsA("Quantity"));
}

TEST(Definitions, KnowsHowPrimitivesStandInJson) {
  for (const char* name : {"decimal", "integer", "positiveInt", "unsignedInt"}) {
    EXPECT_EQ(TestDefinitions().FindType(name)->json, JsonKind::kNumber) << name;
  }
  EXPECT_EQ(TestDefinitions().FindType("boolean")->json, JsonKind::kBool);
  for (const char* name : {"string", "date", "xhtml", "base64Binary", "id", "code"}) {
    EXPECT_EQ(TestDefinitions().FindType(name)->json, JsonKind::kString) << name;
  }
  EXPECT_EQ(TestDefinitions().FindType("date")->Find("value"), nullptr) << "no member of _birthDate";
  EXPECT_NE(TestDefinitions().FindType("date")->Find("extension"), nullptr);
}

TEST(Definitions, SpellsChoicesOut) {
  const Type& patient = *TestDefinitions().FindType("Patient");
  EXPECT_EQ(PropertyOf("Patient", "deceasedBoolean").type->name, "boolean");
  EXPECT_EQ(PropertyOf("Patient", "deceasedDateTime").type->name, "dateTime");
  EXPECT_EQ(PropertyOf("Patient", "deceasedDateTime").element->path, "Patient.deceased[x]");
  EXPECT_EQ(patient.Find("deceased"), nullptr);
  EXPECT_EQ(patient.Find("deceasedString"), nullptr);
  EXPECT_EQ(patient.FindElement("deceased")->types.size(), 2u);
  EXPECT_TRUE(patient.FindElement("deceased")->modifier);
  EXPECT_EQ(TestDefinitions().FindType("Observation")->FindElement("value")->types.size(), 11u);
  EXPECT_EQ(TestDefinitions().FindType("Extension")->FindElement("value")->types.size(), 50u);
}

TEST(Definitions, ResolvesContentReferencesAndBackbones) {
  EXPECT_EQ(PropertyOf("Questionnaire.item", "item").type, TestDefinitions().FindType("Questionnaire.item"));
  EXPECT_EQ(PropertyOf("Questionnaire", "item").type, TestDefinitions().FindType("Questionnaire.item"));
  EXPECT_EQ(PropertyOf("Bundle.entry", "link").type->name, "Bundle.link");
  EXPECT_EQ(PropertyOf("Patient", "contact").type->name, "Patient.contact");
  EXPECT_EQ(PropertyOf("Bundle.entry", "resource").type->name, "Resource");
  EXPECT_EQ(PropertyOf("Parameters.parameter", "resource").type->name, "Resource");
}

TEST(Definitions, KnowsListsTypesAndTargets) {
  EXPECT_TRUE(PropertyOf("Patient", "name").element->list);
  EXPECT_EQ(PropertyOf("Patient", "name").element->max, UINT32_MAX);
  EXPECT_FALSE(PropertyOf("Patient", "birthDate").element->list);
  EXPECT_TRUE(PropertyOf("HumanName", "given").element->list);
  EXPECT_TRUE(PropertyOf("Patient", "contained").element->list);
  EXPECT_TRUE(PropertyOf("Observation", "status").element->modifier);
  EXPECT_EQ(PropertyOf("Observation", "status").element->min, 1u);
  EXPECT_TRUE(PropertyOf("Observation", "status").element->summary);
  EXPECT_EQ(PropertyOf("Patient", "id").type->name, "string") << "a System type with a FHIR type beside it";
  for (const char* type : {"HumanName", "Patient.contact", "string", "Extension"}) EXPECT_TRUE(PropertyOf(type, "id").element->attribute) << type;
  EXPECT_TRUE(PropertyOf("Extension", "url").element->attribute);
  EXPECT_FALSE(PropertyOf("Patient", "id").element->attribute);
  EXPECT_FALSE(PropertyOf("Meta", "profile").element->attribute);
  EXPECT_EQ(PropertyOf("Extension", "url").type->name, "uri");
  EXPECT_EQ(PropertyOf("Patient", "managingOrganization").element->targets, std::vector<std::string>{"Organization"});
  EXPECT_TRUE(PropertyOf("Basic", "subject").element->targets.empty());
  EXPECT_EQ(PropertyOf("Patient", "gender").element->binding.strength, "required");
  EXPECT_EQ(PropertyOf("Patient", "gender").element->binding.value_set,
            "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1");
}

TEST(Definitions, EveryPropertyIsSortedTypedAndFound) {
  for (const Type* resource : TestDefinitions().resources()) {
    std::set<const Type*> seen;
    std::vector<const Type*> open{resource};
    while (!open.empty()) {
      const Type* type = open.back();
      open.pop_back();
      if (!seen.insert(type).second) continue;
      for (const Property& property : type->properties) {
        ASSERT_NE(property.type, nullptr);
        ASSERT_EQ(type->Find(property.name), &property) << type->name << "." << property.name;
        open.push_back(property.type);
      }
      ASSERT_TRUE(std::is_sorted(type->properties.begin(), type->properties.end(),
                                 [](const Property& a, const Property& b) { return a.name < b.name; }));
    }
  }
}

TEST(Definitions, HoldsTheBaseSearchParameters) {
  const auto parameters = TestDefinitions().search_parameters();
  ASSERT_EQ(parameters.size(), 1375u);
  const auto find = [&](std::string_view url) {
    return std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.url == url; });
  };
  const auto name = find("http://hl7.org/fhir/SearchParameter/Patient-name");
  ASSERT_NE(name, parameters.end());
  EXPECT_EQ(name->code, "name");
  EXPECT_EQ(name->type, "string");
  EXPECT_EQ(name->bases, std::vector<std::string>{"Patient"});
  EXPECT_EQ(name->expression, "Patient.name");
  const auto composite = find("http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity");
  ASSERT_NE(composite, parameters.end());
  EXPECT_EQ(composite->components.size(), 2u);
  EXPECT_EQ(composite->components[0].expression, "code");
  EXPECT_NE(find("http://hl7.org/fhir/SearchParameter/Resource-id"), parameters.end());
  EXPECT_EQ(find("http://hl7.org/fhir/SearchParameter/example"), parameters.end());
}

TEST(Definitions, HoldsTheCompartments) {
  ASSERT_EQ(TestDefinitions().compartments().size(), 5u);
  for (const Compartment& compartment : TestDefinitions().compartments()) {
    if (compartment.code != "Patient") continue;
    EXPECT_EQ(compartment.members.at("Observation"), (std::vector<std::string>{"subject", "performer"}));
    EXPECT_FALSE(compartment.members.contains("Location"));
    return;
  }
  FAIL() << "no compartment of the patient";
}

TEST(Definitions, TheDictionaryShrinksASmallBody) {
  const base::ZstdDictionary dictionary(TestDefinitions().dictionary());
  const std::string body = WriteStored(MustParse(
      R"({"resourceType":"Observation","id":"019ab2c3-aaaa-7bbb-8ccc-000000000001","status":"final","code":{"coding":[)"
      R"({"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}]},"subject":{"reference":)"
      R"("Patient/019ab2c3-aaaa-7bbb-8ccc-000000000002"},"effectiveDateTime":"2026-11-24T08:00:00+08:00",)"
      R"("valueQuantity":{"value":131,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}})")).bytes;
  const std::string with = base::ZstdCompress(body, &dictionary);
  EXPECT_LT(with.size() * 3, base::ZstdCompress(body).size() * 2);
  std::string back;
  ASSERT_TRUE(base::ZstdDecompress(with, body.size(), &dictionary, &back));
  EXPECT_EQ(back, body);
}

TEST(Definitions, RefusesADamagedPack) {
  const auto bytes = base::ReadFile(HEYI_BINARY_DIR "/heyi-r4.pack");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(TestDefinitions().fingerprint().size(), 64u);
  EXPECT_FALSE(Definitions::FromPack({}).ok());
  EXPECT_FALSE(Definitions::FromPack(std::string_view(*bytes).substr(0, bytes->size() / 2)).ok());
  std::string other_version = *bytes;
  other_version[kPackMagic.size()] = 99;
  EXPECT_FALSE(Definitions::FromPack(other_version).ok());
  EXPECT_EQ(Definitions::Load("/nowhere/heyi.pack").error().outcome.issues().size(), 1u);
}

TEST(Definitions, APackOfADanglingTypeIsRefused) {
  PackContent content;
  PackType& type = content.types["Thing"];
  type.name = "Thing";
  type.kind = Type::Kind::kResource;
  PackElement& element = type.elements.emplace_back();
  element.name = "part";
  element.types = {"Nothing"};
  EXPECT_FALSE(Definitions::FromPack(WritePack(content)).ok());
  element.types = {"Thing"};
  const auto read = Definitions::FromPack(WritePack(content));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ((*read)->FindResource("Thing")->Find("part")->element->path, "Thing.part");
}

}  // namespace
}  // namespace heyi::fhir
