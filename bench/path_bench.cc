// FHIRPath: what compiling an expression costs, and evaluating it once compiled, on one Patient and one Observation.
//
//   path_bench [EXPRESSION…]     microseconds to compile, nanoseconds to evaluate, items found; else the list below,
//                                which is of search parameters and of R4's own invariants
//
// What an expression gives is checked before it is timed: a bench of errors would be fast.
#include <fmt/format.h>
#include <time.h>

#include <string>
#include <string_view>
#include <vector>

#include "fhir/json/parse.h"
#include "fhir/path/path.h"

namespace {

namespace fhir = heyi::fhir;

constexpr std::string_view kPatient = R"({
 "resourceType":"Patient","id":"p1","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/Patient"]},
 "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Wang Wu</p></div>"},
 "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-nationality","extension":[{"url":"code","valueCodeableConcept":{"text":"CN"}}]}],
 "contained":[{"resourceType":"Organization","id":"o1","name":"Street Clinic"}],
 "identifier":[{"system":"urn:oid:2.16.156.10011.1.1","value":"110101199001011234"},{"use":"usual","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:his","value":"8812"}],
 "active":true,"name":[{"use":"official","text":"王五","family":"Wang","given":["Wu"]},{"use":"usual","family":"Wang","given":["Xiao","Wu"]}],
 "telecom":[{"system":"phone","value":"13800000000","use":"mobile"},{"system":"email","value":"w@example.org"}],
 "gender":"male","birthDate":"1990-01-01","address":[{"use":"home","line":["1 Road"],"city":"Beijing","postalCode":"100000"}],
 "contact":[{"relationship":[{"text":"wife"}],"name":{"family":"Li"},"telecom":[{"system":"phone","value":"13900000000"}]}],
 "managingOrganization":{"reference":"#o1"},"generalPractitioner":[{"reference":"Practitioner/7"}]})";

constexpr std::string_view kExpressions[] = {
    "Patient.name[0].family",
    "Patient.name | Person.name",
    "(Patient.deceased as dateTime)",
    "Patient.telecom.where(system = 'phone')",
    "Patient.generalPractitioner.where(resolve() is Practitioner)",
    "hasValue() or (children().count() > id.count())",
    "contained.contained.empty()",
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | "
    "%resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = "
    "'#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = "
    "'#').exists()).not()).trace('unmatched', id).empty()",
    "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()",
    "text.`div`.exists()",
    "text.`div`.htmlChecks()",
    "contact.all(name.exists() or telecom.exists() or address.exists() or organization.exists())",
    "telecom.all(value.empty() or system.exists())",
    "extension.all(extension.exists() != value.exists())",
    "name.all(family.matches('^[A-Z][a-z]*$'))",
    "birthDate <= today()",
    "birthDate + 18 years <= today()",
    "1 '[in_i]' = 2.54 'cm'",
    "(1 | 2 | 3).aggregate($total + $this, 0)",
    "descendants().count()",
};

// Of this thread alone, so that others on the machine disturb less.
double CpuNanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Work>
double NanosecondsOf(Work work) {
  for (int i = 0; i < 20; ++i) work();
  for (int64_t rounds = 100;; rounds *= 4) {
    const double begin = CpuNanoseconds();
    for (int64_t i = 0; i < rounds; ++i) work();
    const double spent = CpuNanoseconds() - begin;
    if (spent > 1e8) return spent / static_cast<double>(rounds);
  }
}

}  // namespace

int main(int count, char** words) {
  const auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  if (!definitions.ok()) return 1;
  const auto tree = fhir::ParseResource(std::string(kPatient), **definitions);
  if (!tree.ok()) return 1;
  const fhir::LocalEvalContext context(1'795'492'800'000);
  const fhir::CompileOptions options{.as = fhir::CompileOptions::As::kFilters, .focus = tree->type(), .variables = {}};
  const fhir::PathValue focus = fhir::PathValue::OfNode(tree->root());

  std::vector<std::string_view> expressions(words + 1, words + count);
  if (expressions.empty()) expressions.assign(std::begin(kExpressions), std::end(kExpressions));
  fmt::print("{:>10} {:>12} {:>13} {:>6}  expression\n", "compile us", "evaluate ns", "condition ns", "items");
  for (const std::string_view text : expressions) {
    const auto expression = fhir::Expression::Compile(text, **definitions, options);
    const auto items = expression.ok() ? expression->Evaluate(focus, context) : heyi::base::Result<fhir::Collection>(expression.error());
    if (!items.ok()) {
      fmt::print("{:>10} {:>12} {:>13} {:>6}  {}\n", "-", "-", "-", "error", text);
      continue;
    }
    const double compile = NanosecondsOf([&] { return fhir::Expression::Compile(text, **definitions, options).ok(); });
    const double evaluate = NanosecondsOf([&] { return expression->Evaluate(focus, context).ok(); });
    const double condition = NanosecondsOf([&] { return expression->EvaluateCondition(focus, context).ok(); });
    fmt::print("{:>10.2f} {:>12.0f} {:>13.0f} {:>6}  {}\n", compile / 1000, evaluate, condition, items->size(), text.substr(0, 80));
  }
  return 0;
}
