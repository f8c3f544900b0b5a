// What the departments' messages may say, as data: adapters/<department>/models.tsv, one row a field.
//
// A record is checked against its rows, and the pair maps are compiled against them, so a field name that neither side
// knows cannot be written down.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/outcome.h"

namespace heyi::adapters {

enum class FieldKind : uint8_t {
  kObject, kList, kText, kAscii, kId, kInteger, kDecimal, kDate, kDateTime, kTimestamp, kIdCard, kCreditCode, kArea, kFlag, kCode
};

struct Field {
  std::string path;                 // "mdtrtinfo.psn_no", "diseinfo[].diag_code"
  size_t name_begin = 0;            // of its last member in `path`
  FieldKind kind = FieldKind::kText;
  bool required = false;
  std::string one_of;               // the name of its group, where one of several fields must stand
  uint32_t length = 0;              // characters or digits; 0 = no bound of its own
  uint32_t decimals = 0;
  std::vector<std::string> codes;   // kCode
  std::string chinese;              // the field's name

  bool is_leaf() const { return kind != FieldKind::kObject && kind != FieldKind::kList; }
};

class LogicalModel {
 public:
  LogicalModel(std::string department, std::string type) : department_(std::move(department)), type_(std::move(type)) {}

  const std::string& department() const { return department_; }
  const std::string& type() const { return type_; }
  const std::vector<Field>& fields() const { return fields_; }
  const Field* Find(std::string_view path) const;

  // Adds what is wrong with `record` to `outcome`, with `prefix` before the paths ("data.name"): adapter.required,
  // adapter.kind, adapter.length, adapter.code, adapter.date, … Fields that the model does not know are let pass.
  void Check(const base::JsonValue& record, std::string_view prefix, base::Outcome& outcome) const;

 private:
  friend class ModelReader;
  std::string department_;
  std::string type_;
  std::vector<Field> fields_;
};

inline constexpr std::string_view kEnvelopeModel = "envelope";

// The built-in model of a message type ("2401", "1101.output", "envelope"); null where there is none.
const LogicalModel* FindModel(std::string_view department, std::string_view type);

// Absent in the departments' ways: null, "", blanks, "0000-00-00".
bool IsAbsent(const base::JsonValue& value);

// The value of a scalar as Heyi reads it: trimmed; identity numbers, credit codes and area codes in half width and
// upper case, 15-digit identity numbers extended; HL7 v2's timestamps as yyyy-MM-dd HH:mm:ss. Empty where absent.
std::string NormalText(const base::JsonValue& value, FieldKind kind);

}  // namespace heyi::adapters
