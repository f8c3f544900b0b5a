// What a map may not say, and where it is told.
#include <gtest/gtest.h>

#include "base/text.h"
#include "mapping_testing.h"

namespace heyi::mapping {
namespace {

std::vector<std::string> Compile(std::string_view text) {
  static const CodeTables tables = *CodeTables::Load();
  base::Result<PairMap> map = PairMap::Compile("t.map", text, TestDefinitions(), tables);
  return map.ok() ? std::vector<std::string>() : Lines(map.error().outcome);
}

// A map of civil affairs' ELDER with these lines from line 2 on.
std::string Whole(const std::string& lines) { return "map civil-affairs ELDER 1\n" + lines; }

TEST(Compile, BuiltInMaps) {
  for (const auto& [department, type] : std::initializer_list<std::pair<const char*, const char*>>{
           {"civil-affairs", "ORG"}, {"civil-affairs", "ELDER"}, {"civil-affairs", "BED"}, {"civil-affairs", "BED_REFERRAL"},
           {"insurance", "1101"}, {"insurance", "2401"}, {"insurance", "2402"}, {"health", "ADT^A01"}, {"health", "ADT^A02"},
           {"health", "ADT^A03"}, {"health", "ADT^A04"}, {"health", "ADT^A08"}, {"health", "ADT^A11"}, {"health", "ADT^A13"},
           {"health", "ADT^A37"}, {"health", "ADT^A40"}}) {
    const PairMap* map = TestMaps().Find(department, type);
    ASSERT_NE(map, nullptr) << type;
    EXPECT_EQ(map->version(), "1");
  }
  EXPECT_EQ(TestMaps().Find("civil-affairs", "2401"), nullptr);
  EXPECT_EQ(TestMaps().Find("health", "ADT^A28"), nullptr);
  EXPECT_EQ(TestMaps().Find("health", "ADT^A01"), TestMaps().Find("health", "ADT^A04")) << "one map of two types";
}

TEST(Compile, Mistakes) {
  const std::string patient = "resource p Patient\n id elder idCardNo\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "map.syntax @ t.map"},
      {"map civil-affairs ELDER", "map.syntax @ t.map:1"},
      {"map civil-affairs NOBODY 1", "map.unknown-field @ t.map:1"},
      {Whole("resource p Person2"), "map.unknown-resource @ t.map:2"},
      {Whole("name -> name"), "map.syntax @ t.map:2"},
      {Whole(patient + " name -> nom"), "map.unknown-path @ t.map:4"},
      {Whole(patient + " name -> name.text"), "map.needs-selector @ t.map:4"},
      {Whole(patient + " name -> name[use=official]"), "map.wrong-type @ t.map:4"},
      {Whole(patient + " name -> name[use=official.text"), "map.syntax @ t.map:4"},
      {Whole(patient + " name -> name[us=official].text"), "map.unknown-path @ t.map:4"},
      {Whole(patient + " name -> identifier[system=$nothing].value"), "map.unknown-system @ t.map:4"},
      {Whole(patient + " nom -> name[0].text"), "map.unknown-field @ t.map:4"},
      {Whole(patient + " envelope.nom -> name[0].text"), "map.unknown-field @ t.map:4"},
      {Whole(patient + " %nom -> name[0].text"), "map.unknown-field @ t.map:4"},
      {Whole(patient + " @nobody -> managingOrganization"), "map.unknown-resource @ t.map:4"},
      {Whole(patient + " gender -> gender : table nothing"), "map.unknown-table @ t.map:4"},
      {Whole(patient + " gender -> gender : magic"), "map.unknown-lens @ t.map:4"},
      {Whole(patient + " name => gender"), "map.syntax @ t.map:4"},
      {Whole(patient + " name <-> name[0].text when age exists"), "map.direction @ t.map:4"},
      {Whole(patient + " \"x\" <-> name[0].text"), "map.direction @ t.map:4"},
      {Whole(patient + " must exist else map.nothing"), "map.unknown-rule @ t.map:4"},
      {Whole(patient + " find $nothing idCardNo"), "map.unknown-system @ t.map:4"},
      {Whole(patient + " ignore age"), "map.syntax @ t.map:4"},
      {Whole(patient + " ignore nothing \"why\""), "map.unknown-field @ t.map:4"},
      {Whole(patient + " contained -> contained"), "map.unknown-field @ t.map:4"},
      {Whole(patient + " each familyInfo[] -> contact[]"), "map.unknown-field @ t.map:4"},
      {Whole(patient + " name -> name[0].text\n phone -> name[0].text"), "map.written-twice @ t.map:5"},
      {Whole(patient + " name -> deceasedBoolean\n phone -> deceasedDateTime"), "map.written-twice @ t.map:5"},
      {Whole(patient + " name -> name[0].text when age exists\n phone -> name[0].text when id missing"), "map.written-twice @ t.map:5"},
      {Whole("resource p Patient\n name -> name[0].text"), "map.no-id @ t.map:2"},
      {Whole(patient + " name -> name[0].text"), "map.field-forgotten @ t.map:1"},
      {Whole("existing p Patient\n find $uscc idCardNo\n must exist else map.unknown-elder\n name -> name[0].text"), "map.direction @ t.map:5"},
  };
  for (const auto& [text, want] : cases) {
    const std::vector<std::string> lines = Compile(text);
    ASSERT_FALSE(lines.empty()) << text;
    EXPECT_NE(std::find(lines.begin(), lines.end(), want), lines.end()) << text << "\n  first: " << lines.front();
  }
}

TEST(Compile, GuardsThatExcludeEachOtherMayShareAPlace) {
  const std::string rest = " ignore age \"-\"\n ignore gender \"-\"\n ignore id \"-\"\n ignore address \"-\"\n ignore areaCode \"-\"\n";
  EXPECT_EQ(Compile(Whole("resource p Patient\n id elder idCardNo\n name -> name[0].text when phone exists\n"
                          " name -> name[0].text when phone missing\n" + rest)), std::vector<std::string>());
  EXPECT_EQ(Compile(Whole("resource p Patient\n id elder idCardNo\n name -> name[0].text when phone = 1, 2\n"
                          " name -> name[0].text when phone = 3\n" + rest)), std::vector<std::string>());
}

// Lists of the message need brackets, and only those that the model knows; each field must be read or ignored.
TEST(Compile, PlacesInLists) {
  const std::string head = "map health ADT^A08 1\nresource p Patient\n id elder PID.3[5=NI].1\n";
  const auto told = [&](const std::string& line, const std::string& want) {
    const std::vector<std::string> lines = Compile(head + line + "\n");
    return std::find(lines.begin(), lines.end(), want) != lines.end();
  };
  EXPECT_TRUE(told(" PID.3[5=NI].1 -> name[0].text", "map.field-forgotten @ t.map:1")) << "the rest is";
  for (const char* good : {"PID.5[0].1", "PID.3[4.1=GB11643,5!=PI].1", "PID.3[5=].1", "PV1.19[5=VN].1", "PID.3[4.2=2.16.156.10011.1.3].1"}) {
    EXPECT_FALSE(told(std::string(" ") + good + " -> name[0].text", "map.unknown-field @ t.map:4")) << good;
  }
  for (const char* bad : {"PID.5.1", "PID.5[].1", "PID.5[0]", "PID.5[x].1", "PID.5[9=1].1", "PID.5[0.1", "PID.7[0]", "PID[0].7", "PID.99", "PID.5[=1].1",
                          "PID.5[1000].1", "PV1.19[0].1", "PID.3[4=x].1", "PV1.19"}) {
    EXPECT_TRUE(told(std::string(" ") + bad + " -> name[0].text", "map.unknown-field @ t.map:4") ||
                told(std::string(" ") + bad + " -> name[0].text", "map.syntax @ t.map:4")) << bad;
  }
  EXPECT_TRUE(told(" clear nam", "map.unknown-path @ t.map:4"));
  EXPECT_TRUE(told(" clear", "map.syntax @ t.map:4"));
  EXPECT_TRUE(told(" PID.7 -> birthDate : time\n clear birthDate", "map.written-twice @ t.map:5"));
  EXPECT_TRUE(told(" check same @p name[0].text", "map.wrong-type @ t.map:4"));
  EXPECT_TRUE(told(" check same p managingOrganization", "map.syntax @ t.map:4"));
  EXPECT_TRUE(told(" check same @nobody managingOrganization", "map.unknown-resource @ t.map:4"));
  EXPECT_TRUE(told(" must be named else map.nothing", "map.unknown-rule @ t.map:4"));
  EXPECT_TRUE(told(" must be named", "map.syntax @ t.map:4"));
  EXPECT_EQ(Compile("map health ADT^A01,ADT^Z99 1")[0], "map.unknown-field @ t.map:1");
  EXPECT_EQ(Compile("map health ADT^A01,envelope 1")[0], "map.unknown-field @ t.map:1");
  for (const char* let : {"let %x = person-name PID.8", "let %x = area-of PID.8 PID.7", "let %x = magic PID.8", "let %x each NK1 = first 1",
                          "let %x each NK1[] = first PID.8", "let %x each = first PID.8", "let %x ="}) {
    EXPECT_FALSE(Compile("map health ADT^A01 1\n" + std::string(let)).empty()) << let;
  }
}

// However broken the text, the compiler says so and stops.
TEST(Compile, EveryMapCutShortAndScrambled) {
  for (const char* map : {"insurance/2401.map", "health/ADT_A01.map"}) {
    const std::string text = ReadText(HEYI_SOURCE_DIR "/mapping/maps/" + std::string(map));
    for (size_t size = 0; size < text.size(); size += 7) Compile(text.substr(0, size));
    std::string scrambled = text;
    for (size_t i = 0; i < scrambled.size(); i += 13) scrambled[i] = "[]\"%@$.:"[i % 8];
    EXPECT_FALSE(Compile(scrambled).empty());
  }
  EXPECT_FALSE(Compile(std::string(300'000, 'a')).empty());
  EXPECT_FALSE(Compile(Whole("resource p Patient\n name -> " + std::string(10'000, '['))).empty());
}

}  // namespace
}  // namespace heyi::mapping
