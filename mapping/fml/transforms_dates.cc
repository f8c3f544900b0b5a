// toDate, toDateTime, toTime by a format; unixTo… from seconds since 1970; dateOp, which R4 left open, as they.
// https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html#date-op-details
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "fhir/path/temporal.h"
#include "fhir/path/value.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {
namespace {

using base::Result;
using fhir::PathValue;
using Values = std::vector<FmlValue>;

// What a text said of a moment; -1 where it said nothing.
struct Moment {
  int year = -1, month = -1, day = -1, hour = -1, minute = -1, second = -1;
  std::string fraction, zone;
  int half = -1;  // 0 AM, 1 PM
};

constexpr std::array<std::string_view, 12> kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                                      "July",    "August",   "September", "October", "November",
                                                          "December"};

class FormatReader {
 public:
  FormatReader(std::string_view text, std::string_view format) : text_(text), format_(format) {}

  bool Read(Moment& moment) {
    while (!format_.empty()) {
      const char code = format_[0];
      size_t count = 1;
      while (count < format_.size() && format_[count] == code) ++count;
      if (!Field(code, count, moment)) return false;
      format_.remove_prefix(count);
    }
    return text_.empty();
  }

 private:
  bool Field(char code, size_t count, Moment& moment) {
    switch (code) {
      case 'y': return count == 2 ? ShortYear(moment) : count == 4 && Digits(4, 4, moment.year);
      case 'M': return count >= 3 ? Month(count == 3, moment) : Digits(count, 2, moment.month);
      case 'd': return count <= 2 && Digits(count, 2, moment.day);
      case 'H': case 'h': return count <= 2 && Digits(count, 2, moment.hour);
      case 'm': return count <= 2 && Digits(count, 2, moment.minute);
      case 's': return count <= 2 && Digits(count, 2, moment.second);
      case 'S': case 'f': return Fraction(count, moment);
      case 'a': return Half(moment);
      case 'Z': return Zone(moment);
      default: return Literal(count);
    }
  }

  bool Literal(size_t count) {
    if (text_.substr(0, count) != format_.substr(0, count)) return false;
    text_.remove_prefix(count);
    return true;
  }

  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  bool Digits(size_t least, size_t most, int& value) {
    // Fields of one letter may be one digit or two; those of two are two.
    if (least == 2) most = 2;
    size_t taken = 0;
    int number = 0;
    while (taken < most && taken < text_.size() && IsDigit(text_[taken])) number = number * 10 + (text_[taken++] - '0');
    if (taken < least || (least == 4 && taken != 4)) return false;
    text_.remove_prefix(taken);
    value = number;
    return true;
  }

  bool ShortYear(Moment& moment) {
    int year = 0;
    if (!Digits(2, 2, year)) return false;
    moment.year = year < 50 ? 2000 + year : 1900 + year;
    return true;
  }

  bool Month(bool brief, Moment& moment) {
    for (size_t i = 0; i < kMonths.size(); ++i) {
      const std::string_view name = brief ? kMonths[i].substr(0, 3) : kMonths[i];
      if (!text_.starts_with(name)) continue;
      text_.remove_prefix(name.size());
      moment.month = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }

  bool Fraction(size_t count, Moment& moment) {
    size_t taken = 0;
    while (taken < count && taken < text_.size() && IsDigit(text_[taken])) ++taken;
    if (taken != count) return false;
    moment.fraction = text_.substr(0, taken);
    text_.remove_prefix(taken);
    return true;
  }

  bool Half(Moment& moment) {
    if (text_.empty()) return false;
    const char first = text_[0];
    if (first != 'A' && first != 'a' && first != 'P' && first != 'p') return false;
    moment.half = first == 'P' || first == 'p' ? 1 : 0;
    text_.remove_prefix(text_.size() > 1 && (text_[1] == 'M' || text_[1] == 'm') ? 2 : 1);
    return true;
  }

  // Z, +0200, +02:00
  bool Zone(Moment& moment) {
    if (text_.starts_with('Z')) {
      moment.zone = "Z";
      text_.remove_prefix(1);
      return true;
    }
    if (text_.empty() || (text_[0] != '+' && text_[0] != '-')) return false;
    moment.zone = text_[0];
    text_.remove_prefix(1);
    for (int pair = 0; pair < 2; ++pair) {
      if (pair == 1 && text_.starts_with(':')) text_.remove_prefix(1);
      if (text_.size() < 2 || !IsDigit(text_[0]) || !IsDigit(text_[1])) return false;
      moment.zone += (pair == 1 ? ":" : "") + std::string(text_.substr(0, 2));
      text_.remove_prefix(2);
    }
    return true;
  }

  std::string_view text_;
  std::string_view format_;
};

bool SettleHours(Moment& moment) {
  if (moment.half < 0) return true;
  if (moment.hour < 1 || moment.hour > 12) return false;
  moment.hour = moment.hour % 12 + 12 * moment.half;
  return true;
}

std::string DateText(const Moment& moment) {
  std::string text = fmt::format("{:04}", moment.year);
  if (moment.month >= 0) text += fmt::format("-{:02}", moment.month);
  if (moment.month >= 0 && moment.day >= 0) text += fmt::format("-{:02}", moment.day);
  return text;
}

std::string TimeText(const Moment& moment) {
  std::string text = fmt::format("{:02}:{:02}:{:02}", moment.hour, std::max(moment.minute, 0),
      std::max(moment.second, 0));
  if (!moment.fraction.empty()) text += "." + moment.fraction;
  return text;
}

Result<Values> Checked(PathValue::Kind kind, std::string text, std::string_view source) {
  if (!fhir::ParseTemporal(kind, text)) return TransformError("fml.value", source);
  return Values{FmlRunner::ValueOf(PathValue::OfText(kind, std::move(text)))};
}

PathValue::Kind KindFor(FmlTransform transform) {
  switch (transform) {
    case FmlTransform::kToDate: case FmlTransform::kUnixToDate: return PathValue::Kind::kDate;
    case FmlTransform::kToTime: case FmlTransform::kUnixToTime: return PathValue::Kind::kTime;
    default: return PathValue::Kind::kDateTime;
  }
}

Result<Values> ByFormat(std::string_view source, std::string_view format, PathValue::Kind kind) {
  Moment moment;
  if (!FormatReader(source, format).Read(moment) || !SettleHours(moment)) {
    return TransformError("fml.value", std::string(source) + " ≠ " + std::string(format));
  }
  if (kind == PathValue::Kind::kTime) {
    if (moment.hour < 0) return TransformError("fml.value", source);
    return Checked(kind, TimeText(moment), source);
  }
  if (moment.year < 0) return TransformError("fml.value", source);
  std::string text = DateText(moment);
  if (kind == PathValue::Kind::kDateTime && moment.day >= 0 && moment.hour >= 0) {
    text += "T" + TimeText(moment) + moment.zone;
  }
  return Checked(kind, std::move(text), source);
}

// Minutes east of UTC; nullopt where it is no zone.
std::optional<int> OffsetOf(std::string_view zone) {
  if (zone.empty() || zone == "Z") return 0;
  const auto moment = fhir::ParseTemporal(PathValue::Kind::kDateTime, "2000-01-01T00:00:00" + std::string(zone));
  return moment ? moment->offset_minutes : std::nullopt;
}

Result<Values> OfUnix(const TransformCall& call, PathValue::Kind kind) {
  const std::string source(call.Text(0));
  const std::string_view zone = call.Text(1);
  const auto offset = OffsetOf(zone);
  const bool digits = !source.empty() && source.size() <= 12 &&
      source.find_first_not_of("0123456789", source[0] == '-' ? 1 : 0) == std::string::npos && source != "-";
  if (!digits || !offset) return TransformError("fml.value", source);
  const int64_t local = std::stoll(source) + int64_t{*offset} * 60;
  constexpr int64_t kDay = 86'400;
  const int64_t days = (local >= 0 ? local : local - kDay + 1) / kDay;
  const int64_t second = local - days * kDay;
  auto start = fhir::ParseTemporal(PathValue::Kind::kDate, "1970-01-01");
  const auto date = fhir::AddToTemporal(PathValue::Kind::kDate, *start, std::to_string(days), "day");
  if (!date) return TransformError("fml.value", source);
  const std::string day = fhir::FormatTemporal(PathValue::Kind::kDate, *date);
  const std::string time = fmt::format("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  if (kind == PathValue::Kind::kDate) return Checked(kind, day, source);
  if (kind == PathValue::Kind::kTime) return Checked(kind, time, source);
  return Checked(kind, day + "T" + time + (zone.empty() ? "Z" : std::string(zone)), source);
}

}  // namespace

Result<Values> TransformDate(const TransformCall& call) {
  if (!call.Has(0)) return Values();
  const fhir::Scalar source = fhir::ScalarOf(call.arguments[0].items[0]);
  if (!source) return TransformError("fml.value", "date");
  const FmlTransform transform = call.target.transform;
  PathValue::Kind kind = KindFor(transform);
  if (transform == FmlTransform::kUnixToDate || transform == FmlTransform::kUnixToDateTime ||
      transform == FmlTransform::kUnixToTime) {
    return OfUnix(call, kind);
  }
  if (transform == FmlTransform::kDateOp && call.property != nullptr) {
    const std::string_view wanted = call.property->type->name;
    if (wanted == "date") kind = PathValue::Kind::kDate;
    if (wanted == "time") kind = PathValue::Kind::kTime;
  }
  if (call.arguments.size() >= 2) return ByFormat(source.text, call.Text(1), kind);
  if (kind == PathValue::Kind::kDate && source.kind == PathValue::Kind::kDateTime) {
    return Checked(kind, std::string(source.text.substr(0, 10)), source.text);
  }
  return Checked(kind, std::string(source.text), source.text);
}

}  // namespace heyi::mapping
