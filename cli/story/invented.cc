#include "cli/story/invented.h"

#include <fmt/format.h>

#include <cstdlib>

#include "adapters/identifiers.h"

namespace heyi::cli {
namespace {

std::string CreditCode(std::string_view first_17) { return std::string(first_17) + adapters::CreditCodeCheckCharacter(first_17); }

std::string IdentityNumber(std::string_view birth, int order) {
  const std::string first_17 = fmt::format("310199{}{:03}", birth, order);
  return first_17 + adapters::IdentityCheckCharacter(first_17);
}

struct Row {
  std::string_view institution, kind;
  int count;
};

}  // namespace

const std::string& BureauCode() {
  static const std::string code = CreditCode("11310199MB0000001");
  return code;
}

const std::vector<Institution>& Institutions() {
  static const std::vector<Institution> institutions = {
      {"care-home-1", "示例区和安养老院", "养老机构", CreditCode("52310199MJ0000101"), "", false},
      {"care-home-2", "示例区颐康长者照护之家", "长者照护之家", CreditCode("52310199MJ0000202"), "", false},
      {"health-centre", "示例区和平街道社区卫生服务中心", "社区卫生服务中心", CreditCode("12310199MB0000303"), "H31019900003", true},
      {"hospital", "示例区中心医院", "医院", CreditCode("12310199MB0000404"), "H31019900004", true},
      {"hospice", "示例区安宁疗护中心", "安宁疗护中心", CreditCode("12310199MB0000505"), "H31019900005", true},
  };
  return institutions;
}

const Institution& InstitutionOf(std::string_view key) {
  for (const Institution& institution : Institutions()) {
    if (institution.key == key) return institution;
  }
  std::abort();  // the tables of this file name only each other
}

const std::vector<Bed>& Beds() {
  static const std::vector<Bed> beds = [] {
    constexpr Row kRows[] = {{"care-home-1", "care-home", 10}, {"care-home-1", "day-care", 2},     {"care-home-2", "care-home", 8},
                             {"care-home-2", "home-care", 2},  {"health-centre", "home-sickbed", 3}, {"health-centre", "hospital", 2},
                             {"hospital", "hospital", 9},      {"hospice", "hospice", 4}};
    std::vector<Bed> made;
    for (const Row& row : kRows) {
      for (int i = 1; i <= row.count; ++i) {
        const int number = static_cast<int>(made.size()) + 1;
        made.push_back({number, std::string(row.institution), std::string(row.kind), fmt::format("{}号楼", 1 + i / 6), fmt::format("{}{:02}", 1 + i / 6, i),
                        fmt::format("{}{:02}-{}", 1 + i / 6, i, i % 2 + 1)});
      }
    }
    return made;
  }();
  return beds;
}

const std::vector<Elder>& Elders() {
  static const std::vector<Elder> elders = [] {
    constexpr std::string_view kNames[] = {"沈安和", "周福根", "顾秀珍", "陆宝生", "朱阿妹", "徐德昌", "钱月英", "严根宝", "倪巧云", "龚金海",
                                           "蔡招娣", "俞伯年", "汤玉兰", "施永泉", "范素琴", "邵长贵", "奚彩凤", "丁鸿福", "戴银妹", "𬍛文渊"};
    std::vector<Elder> made;
    for (int i = 0; i < 20; ++i) {
      const bool male = i % 2 == 0;
      const std::string birth = fmt::format("{}{:02}{:02}", 1934 + i, i % 12 + 1, i % 28 + 1);
      made.push_back({i + 1, std::string(kNames[i]), male, IdentityNumber(birth, 100 + 2 * i + (male ? 1 : 0)),
                      fmt::format("310199{:018}", 7'000'000 + i), fmt::format("021-0000{:04}", 100 + i),
                      fmt::format("上海市示例区和平街道安康路{}号", 10 + i)});
    }
    return made;
  }();
  return elders;
}

}  // namespace heyi::cli
