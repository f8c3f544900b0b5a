// The laws on messages that nobody wrote by hand: made at random from the logical models and the maps' own code tables.
//
//   message -> FHIR -> message   every field comes back as it was said, but for the declared loss: what `heyi map explain`
//                                lists as not written on the way back, and kConditional below
//   twice                        the same bytes make the same bytes; what was read out changes nothing
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "adapters/identifiers.h"
#include "adapters/logical_model.h"
#include "base/ids.h"
#include "fhir/json/write.h"
#include "laws_testing.h"
#include "mapping/pair/explain.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {
namespace {

using adapters::Field;
using adapters::FieldKind;
using base::JsonValue;

// Fields that come back only where something else holds, so that some generated messages lose them.
constexpr std::pair<std::string_view, std::string_view> kConditional[] = {
    {"ORG.orgName", "the name that is entered wins over the other"},
    {"BED_REFERRAL.status", "said by the Task, which the map does not make"},
    {"BED_REFERRAL.respondTime", "said by the Task, which the map does not make"},
    {"2401.diseinfo[].diag_type", "2 and 3 share the system of Chinese medicine's codes"},
    {"2402.dscginfo.insutype", "said by the Coverage, which the map does not make"},
    {"2402.dscginfo.dscg_dept_codg", "the visit's own department is said on the way back"},
    {"2402.dscginfo.dscg_dept_name", "the visit's own department is said on the way back"},
    {"2402.diseinfo[].diag_type", "2 and 3 share the system of Chinese medicine's codes"},
};

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  size_t Below(size_t limit) {
    uint32_t value = 0;
    random_.Fill(&value, sizeof value);
    return value % limit;
  }
  bool Once(size_t in) { return Below(in) == 0; }
  std::string Digits(size_t count) {
    std::string digits;
    for (size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + Below(10));
    return digits;
  }

 private:
  base::SeededRandom random_;
};

class Generator {
 public:
  Generator(const PairMap& map, const adapters::LogicalModel& model, uint64_t seed) : model_(model), dice_(seed) {
    for (const ResourceRule& resource : map.program().resources) NoteTables(resource.rules);
    for (const Export& made : map.program().exports) NoteTable(made.source, made.lens);
  }

  JsonValue Record() {
    JsonValue record = Object("", 0);
    MakeConsistent(record);
    return record;
  }

 private:
  void NoteTables(const std::vector<Rule>& rules) {
    for (const Rule& rule : rules) {
      NoteTable(rule.source, rule.lens);
      NoteTables(rule.items);
    }
  }
  void NoteTable(const Source& source, const Lens& lens) {
    if (lens.kind == Lens::Kind::kTable && !source.model_path.empty()) tables_.emplace(source.model_path, lens.table.get());
  }

  // Fields that follow from others, as a sender's own software makes them.
  void MakeConsistent(JsonValue& record) {
    if (JsonValue* admission = record.Find("mdtrtinfo"); admission != nullptr && admission->StringAt("mdtrt_cert_type") == "02") {
      admission->Set("mdtrt_cert_no", JsonValue::OfString(IdentityNumber()));
    }
    if (record.Find("direction") == nullptr) return;
    const CodeRow* row = TestMaps().tables().Find("bed-kind")->ToFhir(record.StringAt("fromBedType"));
    const CodeRow* direction = row == nullptr ? nullptr : TestMaps().tables().Find("referral-direction")->ToDepartment(row->fhir_code);
    if (direction != nullptr) record.Set("direction", JsonValue::OfString(direction->department_code));
  }

  JsonValue Object(const std::string& level, size_t position) {
    JsonValue object = JsonValue::Object();
    std::set<std::string> groups;
    for (const Field& field : model_.fields()) {
      if (field.name_begin != level.size() || !field.path.starts_with(level)) continue;
      const bool first_of_group = !field.one_of.empty() && groups.insert(field.one_of).second;
      if (!field.required && !first_of_group && dice_.Once(3)) continue;
      const std::string name = field.path.substr(level.size());
      if (field.kind == FieldKind::kObject) {
        object.Set(name, Object(field.path + ".", 0));
      } else if (field.kind == FieldKind::kList) {
        JsonValue list = JsonValue::Array();
        for (size_t i = 0, count = 1 + dice_.Below(3); i < count; ++i) list.Append(Object(field.path + "[].", i));
        object.Set(name, std::move(list));
      } else {
        object.Set(name, Value(field, position));
      }
    }
    return object;
  }

  JsonValue Value(const Field& field, size_t position) {
    if (field.path.ends_with("diag_srt_no")) return JsonValue::OfInteger(static_cast<int64_t>(position) + 1);  // a list's key
    if (const auto table = tables_.find(field.path); table != tables_.end()) return JsonValue::OfString(Code(*table->second, field));
    switch (field.kind) {
      case FieldKind::kAscii: return JsonValue::OfString("A" + dice_.Digits(std::min<size_t>(field.length == 0 ? 8 : field.length - 1, 9)));
      case FieldKind::kId: return dice_.Once(2) ? JsonValue::OfInteger(1 + static_cast<int64_t>(dice_.Below(99'999))) : JsonValue::OfString("B" + dice_.Digits(5));
      case FieldKind::kInteger: return JsonValue::OfInteger(static_cast<int64_t>(dice_.Below(field.length == 1 ? 10 : field.length == 2 ? 100 : 1'000)));
      case FieldKind::kDecimal: return JsonValue::OfNumber(fmt::format("{}.{:02}", dice_.Below(1'000), dice_.Below(100)));
      case FieldKind::kDate: return JsonValue::OfString(Date(2'020));
      case FieldKind::kDateTime: return JsonValue::OfString(fmt::format("{} {:02}:{:02}:{:02}", Date(2'020), dice_.Below(24), dice_.Below(60), dice_.Below(60)));
      case FieldKind::kIdCard: return JsonValue::OfString(IdentityNumber());
      case FieldKind::kCreditCode: return JsonValue::OfString(CreditCode());
      case FieldKind::kArea: return JsonValue::OfString("3101" + dice_.Digits(2) + (field.length > 6 ? dice_.Digits(3) : ""));
      case FieldKind::kFlag: return JsonValue::OfString(dice_.Once(2) ? "1" : "0");
      case FieldKind::kCode: return JsonValue::OfString(field.codes[dice_.Below(field.codes.size())]);
      default: return JsonValue::OfString(Text(field.length));
    }
  }

  // Of the rows that hold both ways: the others come back as their fellow, which the tables say.
  std::string Code(const CodeTable& table, const Field& field) {
    std::vector<std::string> codes;
    for (const CodeRow& row : table.rows()) {
      const bool allowed = field.codes.empty() || std::find(field.codes.begin(), field.codes.end(), row.department_code) != field.codes.end();
      const CodeRow* back = table.ToDepartment(row.fhir_code);
      if (row.way != CodeRow::Way::kOut && back != nullptr && back->department_code == row.department_code && allowed) codes.push_back(row.department_code);
    }
    return codes.empty() ? "?" : codes[dice_.Below(codes.size())];
  }

  std::string Date(int from) { return fmt::format("{}-{:02}-{:02}", from + static_cast<int>(dice_.Below(7)), 1 + dice_.Below(12), 1 + dice_.Below(28)); }

  std::string IdentityNumber() {
    const std::string first = fmt::format("310199{}{:02}{:02}{}", 1'930 + dice_.Below(30), 1 + dice_.Below(12), 1 + dice_.Below(28), dice_.Digits(3));
    return first + adapters::IdentityCheckCharacter(first);
  }

  std::string CreditCode() {
    const std::string first = "52310199MJ" + dice_.Digits(7);
    return first + adapters::CreditCodeCheckCharacter(first);
  }

  std::string Text(size_t length) {
    constexpr std::string_view kPieces[] = {"示例", "和颐", "O'Neil", "a\"b", "路", "1号", "\\", "&<>", "|^~", "é", "𠮷", "-", "/", "x,y;z", "%20", "路 2"};
    std::string text = "甲";
    size_t characters = 1;
    for (size_t i = 0, count = dice_.Below(5); i < count; ++i) {
      const std::string_view piece = kPieces[dice_.Below(std::size(kPieces))];
      if (length != 0 && characters + piece.size() > length) break;
      text += piece;
      characters += piece.size();
    }
    return text;
  }

  const adapters::LogicalModel& model_;
  Dice dice_;
  std::map<std::string, const CodeTable*> tables_;
};

// What must stand already for this message to be taken.
void Seed(const std::string& type, const JsonValue& record, MemoryTargets& store) {
  const auto person = [&](std::string_view system, std::string_view value) {
    JsonValue json = *base::ParseJson(R"({"resourceType":"Patient","id":"p1","identifier":[{}]})");
    json.Find("identifier")->items()[0].Set("system", JsonValue::OfString(system));
    json.Find("identifier")->items()[0].Set("value", JsonValue::OfString(value));
    store.Add("patient", ReadResource(json));
  };
  if (type == "BED_REFERRAL") person(adapters::kIdentityNumberSystem, record.StringAt("elderIdCard"));
  if (type == "2401") person(adapters::kPersonNumberSystem, record["mdtrtinfo"].StringAt("psn_no"));
  if (type == "2402") {
    person(adapters::kPersonNumberSystem, record["dscginfo"].StringAt("psn_no"));
    JsonValue visit = *base::ParseJson(R"({"resourceType":"Encounter","id":"e1","identifier":[{}],"status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p1"}})");
    visit.Find("identifier")->items()[0].Set("system", JsonValue::OfString(adapters::kVisitSystem));
    visit.Find("identifier")->items()[0].Set("value", JsonValue::OfString(record["dscginfo"].StringAt("mdtrt_id")));
    store.Add("encounter", ReadResource(visit));
  }
}

// Fields that stand in the message, are not declared as lost, and do not come back.
void CheckNothingIsLost(const LawCase& at, const std::string& type, const std::set<std::string>& lost, const JsonValue& sent, const JsonValue& back,
                        const std::string& level) {
  for (const auto& [name, value] : sent.members()) {
    const std::string path = level + name;
    if (lost.contains(path)) continue;
    const std::string full = type + "." + path;
    if (std::any_of(std::begin(kConditional), std::end(kConditional), [&](const auto& one) { return one.first == full; })) continue;
    const JsonValue* there = back.Find(name);
    if (value.is_object()) {
      CheckNothingIsLost(at, type, lost, value, there == nullptr ? JsonValue::Object() : *there, path + ".");
    } else if (value.is_array()) {
      ASSERT_TRUE(there != nullptr && there->items().size() == value.items().size()) << at.name << " " << path;
      for (size_t i = 0; i < value.items().size(); ++i) CheckNothingIsLost(at, type, lost, value.items()[i], there->items()[i], path + "[].");
    } else {
      EXPECT_TRUE(there != nullptr) << at.name << " " << path << " = " << value.text() << " does not come back";
    }
  }
}

// All laws on one message that must be taken; `back`: what is read out of its resources again.
void CheckLaws(const LawCase& at, const PairMap& map, const adapters::LogicalModel& model, const std::string& raw, const adapters::Message& message,
               MemoryTargets& store, JsonValue& back) {
  const auto mapped = map.ToFhir(message, store), again = map.ToFhir(*adapters::AdapterOf(message.department)->Read(raw), store);
  ASSERT_TRUE(mapped.ok() && again.ok()) << at.name;
  ASSERT_FALSE(mapped->outcome.HasErrors()) << at.name << " " << Lines(mapped->outcome).front() << "\n" << raw;
  ASSERT_EQ(mapped->resources.size(), again->resources.size());
  for (size_t i = 0; i < mapped->resources.size(); ++i) {
    EXPECT_EQ(fhir::WriteJson(mapped->resources[i].tree), fhir::WriteJson(again->resources[i].tree)) << at.name;
  }
  CheckResourcesAreSound(at, *mapped);
  CheckLineage(at, raw, *mapped);
  CheckNothingChangesTwice(at, map, message, *mapped, store, nullptr);
  base::Outcome outcome;
  auto record = map.ToRecord(Named(*mapped, store), outcome);
  ASSERT_TRUE(record.ok()) << at.name;
  CheckSameFields(at, model, message.record, *record, "");
  if (!outcome.HasErrors()) CheckNothingChangesTwice(at, map, message, *mapped, store, &*record);
  back = std::move(*record);
}

class Generated : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(Generated, MessagesKeepTheLaws) {
  const auto& [department, type] = GetParam();
  const PairMap* map = TestMaps().Find(department, type);
  ASSERT_NE(map, nullptr);
  const adapters::LogicalModel& model = *adapters::FindModel(department, type);
  const std::vector<std::string> lost_list = Explain(*map).lost;
  const std::set<std::string> lost(lost_list.begin(), lost_list.end());
  const adapters::Adapter& adapter = *adapters::AdapterOf(department);
  for (uint64_t seed = 1; seed <= 200 && !::testing::Test::HasFailure(); ++seed) {
    const LawCase at{fmt::format("{} {} seed {}", department, type, seed)};
    Generator generator(*map, model, seed);
    const std::string raw = adapter.Write({type, fmt::format("G{}", seed), "52310199MJ00000016", "310199", 1'772'414'100'000, generator.Record()});
    const auto message = adapter.Read(raw);
    ASSERT_TRUE(message.ok()) << at.name << " " << Lines(message.error().outcome).front() << "\n" << raw;
    MemoryTargets store;
    Seed(type, message->record, store);
    JsonValue back;
    CheckLaws(at, *map, model, raw, *message, store, back);
    CheckNothingIsLost(at, type, lost, message->record, back, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Messages, Generated,
                         ::testing::Values(std::pair("civil-affairs", "ORG"), std::pair("civil-affairs", "ELDER"), std::pair("civil-affairs", "BED"),
                                           std::pair("civil-affairs", "BED_REFERRAL"), std::pair("insurance", "2401"), std::pair("insurance", "2402")),
                         [](const auto& one) { return "M" + one.param.second; });

// HL7 v2 is written by hand in parts, so a generated message is segments whose fields stand or do not.
std::string V2Admission(uint64_t seed) {
  Dice dice(seed);
  const auto maybe = [&](std::string text) { return dice.Once(3) ? std::string() : std::move(text); };
  const auto one_of = [&](std::initializer_list<std::string_view> words) { return std::string(words.begin()[dice.Below(words.size())]); };
  const std::string first = fmt::format("310199{}{:02}{:02}{}", 1'930 + dice.Below(30), 1 + dice.Below(12), 1 + dice.Below(28), dice.Digits(3));
  const std::string number = first + adapters::IdentityCheckCharacter(first);
  std::string identifiers = fmt::format("{}^^^GB11643^NI", number);
  if (dice.Once(2)) identifiers += fmt::format("~P{}^^^HIS^PI", dice.Digits(5));
  if (dice.Once(2)) identifiers += fmt::format("~K{}^^^NHC^JHN", dice.Digits(6));
  const std::string name = one_of({"沈^示例", "O\\'Neil^Ann\\T\\Bob", "欧阳^示例^^^^^L", "Müller^Jörg"});
  const std::string address = maybe(fmt::format("安康路{}号^和平街道^示例区^上海市^200040^CHN^H", 1 + dice.Below(99)));
  const std::string phone = maybe("^PRN^PH^^^021^" + dice.Digits(8));
  return fmt::format(
      "MSH|^~\\&|HIS|示例医院|HUB|DISTRICT|20260302091500||ADT^A01^ADT_A01|V{}|P|2.5|||||CHN|UNICODE UTF-8\r"
      "EVN|A01|20260301090000\r"
      "PID|1||{}||{}||{}|{}|||{}||{}|||{}\r"
      "PV1|1|{}|{}||||{}|||||||{}|||||ZY{}^^^HIS^VN|||||||||||||||||||||||||{}\r",
      seed, identifiers, name, number.substr(6, 8), one_of({"M", "F", "O", "U"}), address, phone, maybe(one_of({"S", "M", "W", "D"})), one_of({"I", "O", "E"}),
      maybe(fmt::format("W{}^{}^{}^示例医院^^^^^老年病科", dice.Below(9), dice.Below(400), dice.Below(20))), maybe("D" + dice.Digits(3) + "^示例医师"),
      maybe(one_of({"1", "2", "3", "9"})), dice.Digits(9), fmt::format("2026{:02}{:02}{:02}0000", 1 + dice.Below(12), 1 + dice.Below(28), dice.Below(24)));
}

TEST(GeneratedV2, AdmissionsKeepTheLaws) {
  const PairMap* map = TestMaps().Find("health", "ADT^A01");
  ASSERT_NE(map, nullptr);
  const adapters::LogicalModel& model = *adapters::FindModel("health", "ADT^A01");
  for (uint64_t seed = 1; seed <= 300 && !::testing::Test::HasFailure(); ++seed) {
    const LawCase at{fmt::format("ADT^A01 seed {}", seed), true, false};
    const std::string raw = V2Admission(seed);
    const auto message = adapters::HealthAdapter().Read(raw);
    ASSERT_TRUE(message.ok()) << at.name << " " << Lines(message.error().outcome).front() << "\n" << raw;
    MemoryTargets store;
    JsonValue back;
    CheckLaws(at, *map, model, raw, *message, store, back);
  }
}

}  // namespace
}  // namespace heyi::mapping
