// The parts of dates and times. https://hl7.org/fhirpath/STU3/#date-time-component-extraction-functions
#include "fhir/path/functions.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Kind = PathValue::Kind;


struct Moment {
  Kind kind = Kind::kDateTime;
  Temporal value;
};

// The input as a date, a moment or a time; texts are read as such. nullopt where it is none.
Result<std::optional<Moment>> SingleMoment(const Call& call) {
  HEYI_TRY(item, call.Single());
  const Scalar scalar = item == nullptr ? Scalar{} : ScalarOf(*item);
  Moment moment;
  if (scalar.is_temporal()) {
    moment.kind = scalar.kind;
  } else if (scalar.kind != Kind::kString) {
    return std::optional<Moment>();
  }
  std::optional<Temporal> value = ParseTemporal(moment.kind, scalar.text);
  if (!value && scalar.kind == Kind::kString) {
    moment.kind = Kind::kTime;
    value = ParseTemporal(moment.kind, scalar.text);
  }
  if (!value) return std::optional<Moment>();
  moment.value = *value;
  return std::optional(moment);
}

// One of the fields, where the value is that precise; a time has no date.
template <Temporal::Precision kField>
Result<Collection> Field(Call& call) {
  HEYI_TRY(moment, SingleMoment(call));
  if (!moment || moment->value.precision < kField) return Collection();
  if (kField <= Temporal::kDay && moment->kind == Kind::kTime) return Collection();
  const int64_t field = moment->value.fields[kField];
  return One(MakeInteger(kField == Temporal::kSecond ? field / kNanosPerSecond : field));
}

Result<Collection> Millisecond(Call& call) {
  HEYI_TRY(moment, SingleMoment(call));
  if (!moment || moment->value.fraction_digits == 0) return Collection();
  return One(MakeInteger(moment->value.fields[Temporal::kSecond] % kNanosPerSecond / kNanosPerMilli));
}

Result<Collection> Zone(Call& call) {
  HEYI_TRY(moment, SingleMoment(call));
  if (!moment || moment->kind == Kind::kTime || !moment->value.offset_minutes) return Collection();
  const std::optional<Decimal> hours =
      Decimal::OfInteger(*moment->value.offset_minutes).DividedBy(Decimal::OfInteger(60));
  return hours ? One(MakeDecimal(*hours)) : Collection();
}

Result<Collection> DateOf(Call& call) {
  HEYI_TRY(moment, SingleMoment(call));
  if (!moment || moment->kind == Kind::kTime) return Collection();
  Temporal date = moment->value;
  date.precision = std::min<int>(date.precision, Temporal::kDay);
  date.offset_minutes.reset();
  return One(PathValue::OfText(Kind::kDate, FormatTemporal(Kind::kDate, date)));
}

Result<Collection> TimeOf(Call& call) {
  HEYI_TRY(moment, SingleMoment(call));
  if (!moment || moment->value.precision < Temporal::kHour) return Collection();
  Temporal time = moment->value;
  time.offset_minutes.reset();
  return One(PathValue::OfText(Kind::kTime, FormatTemporal(Kind::kTime, time)));
}

constexpr Function kDateFunctions[] = {
    {"yearOf", 0, 0, Takes::kValues, false, Field<Temporal::kYear>},
    {"monthOf", 0, 0, Takes::kValues, false, Field<Temporal::kMonth>},
    {"dayOf", 0, 0, Takes::kValues, false, Field<Temporal::kDay>},
    {"hourOf", 0, 0, Takes::kValues, false, Field<Temporal::kHour>},
    {"minuteOf", 0, 0, Takes::kValues, false, Field<Temporal::kMinute>},
    {"secondOf", 0, 0, Takes::kValues, false, Field<Temporal::kSecond>},
    {"millisecondOf", 0, 0, Takes::kValues, false, Millisecond},
    {"timezoneOffsetOf", 0, 0, Takes::kValues, false, Zone},
    {"dateOf", 0, 0, Takes::kValues, false, DateOf},
    {"timeOf", 0, 0, Takes::kValues, false, TimeOf},
};

}  // namespace

std::span<const Function> DateFunctions() { return kDateFunctions; }

}  // namespace heyi::fhir
