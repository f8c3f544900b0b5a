// The functional tests that UCUM's implementers share: which units are valid, what they are called, conversions,
// products and quotients. https://github.com/FHIR/Ucum-java (UcumFunctionalTests.xml)
#include <fmt/format.h>

#include <optional>

#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "fhir/path/decimal.h"
#include "fhir/ucum/ucum.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using fhir::UcumUnit;

// The digits that count, and the power of ten of the last of them: 1.60 -> 160, -2.
struct SignificantDigits {
  std::string digits;
  int64_t last = 0;
};
SignificantDigits SignificantDigitsOf(std::string_view number) {
  SignificantDigits result;
  const size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos) result.last = std::strtol(std::string(number.substr(e + 1)).c_str(), nullptr, 10);
  bool behind = false;
  for (const char c : number.substr(0, e)) {
    if (c == '.') behind = true;
    if (c < '0' || c > '9') continue;
    if (behind) --result.last;
    if (c != '0' || !result.digits.empty()) result.digits += c;
  }
  return result;
}

// The suite states results to as many digits as its inputs had: the same to within one of the last digit.
bool SameToPrecision(const std::string& got, std::string_view wanted) {
  if (fhir::CompareNumberTexts(got, wanted) == 0) return true;
  const SignificantDigits precision = SignificantDigitsOf(wanted);
  const auto exact = fhir::Exact::Parse(got), stated = fhir::Exact::Parse(wanted);
  if (!exact || !stated) return false;
  const auto difference = exact->Plus(stated->Negated());
  if (!difference) return false;
  const fhir::Exact unit = fhir::Exact::PowerOfTen(precision.last);
  const auto above = fhir::Exact::Compare(*difference, unit), below = fhir::Exact::Compare(*difference, unit.Negated());
  return above && below && *above < 0 && *below > 0;
}

class UcumSuite {
 public:
  explicit UcumSuite(Report& report) : report_(report) {}

  void RunCase(const JsonValue& one) {
    const std::string section(one.StringAt("section"));
    if (section == "validation") return Validation(one);
    if (section == "displayNameGeneration") return Display(one);
    if (section == "conversion") return Conversion(one);
    if (section == "multiplication") return Product(one, false);
    if (section == "division") return Product(one, true);
    report_.Fail(section, one.StringAt("id"), "a section that is not known here", "");
  }

 private:
  static std::string Id(const JsonValue& one, std::string_view what) { return fmt::format("{} {}", one.StringAt("id"), what); }

  void Validation(const JsonValue& one) {
    const auto unit = UcumUnit::Parse(one.StringAt("unit"));
    const std::string got = unit.ok() ? "true" : "false";
    report_.Check("validation", Id(one, one.StringAt("unit")), got, one.StringAt("valid"));
  }

  void Display(const JsonValue& one) {
    const auto name = fhir::UcumDisplayName(one.StringAt("unit"));
    report_.Check("display", Id(one, one.StringAt("unit")), name.ok() ? *name : Briefly(name.error().outcome), one.StringAt("display"));
  }

  void CheckNumber(std::string_view section, const std::string& id, const std::optional<std::string>& got, std::string_view wanted) {
    if (got && SameToPrecision(*got, wanted)) report_.Pass(section);
    else report_.Fail(section, id, got.value_or("nothing"), wanted);
  }

  void Conversion(const JsonValue& one) {
    const auto from = UcumUnit::Parse(one.StringAt("srcUnit")), to = UcumUnit::Parse(one.StringAt("dstUnit"));
    std::optional<std::string> got;
    if (from.ok() && to.ok()) got = fhir::ConvertQuantity(one.StringAt("value"), *from, *to);
    CheckNumber("conversion", Id(one, fmt::format("{} {} in {}", one.StringAt("value"), one.StringAt("srcUnit"), one.StringAt("dstUnit"))),
                got, one.StringAt("outcome"));
  }

  // The result is in the unit that multiplying the two gives, so it must be the stated one over the same base units.
  void Product(const JsonValue& one, bool divides) {
    const auto a = UcumUnit::Parse(one.StringAt("u1")), b = UcumUnit::Parse(one.StringAt("u2")), wanted = UcumUnit::Parse(one.StringAt("uRes"));
    std::optional<std::string> got;
    if (a.ok() && b.ok() && wanted.ok()) {
      const auto x = fhir::Exact::Parse(one.StringAt("v1")), y = fhir::Exact::Parse(one.StringAt("v2"));
      const auto unit = divides ? a->Over(*b) : a->Times(*b);
      const auto value = x && y ? (divides ? x->Over(*y) : x->Times(*y)) : std::nullopt;
      if (unit && value) got = fhir::ConvertQuantity(value->ToText(), *unit, *wanted);
    }
    CheckNumber(divides ? "division" : "multiplication", Id(one, fmt::format("{} {}", one.StringAt("u1"), one.StringAt("u2"))), got,
                one.StringAt("vRes"));
  }

  Report& report_;
};

}  // namespace

Result<Done> RunUcum(const Corpus& corpus, Report& report) {
  HEYI_TRY(cases, ReadCases(corpus.directory + "/cases.json"));
  UcumSuite suite(report);
  for (const JsonValue& one : cases.items()) suite.RunCase(one);
  return Done{};
}

}  // namespace heyi::cli
