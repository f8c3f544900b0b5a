#include "cli/story/district.h"

#include <fmt/format.h>

#include <cstdio>

#include "adapters/identifiers.h"
#include "base/digest.h"
#include "cli/command.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

class Loader {
 public:
  explicit Loader(Sender& sender) : sender_(sender) {}

  LoadedDistrict Load() {
    for (const Institution& institution : Institutions()) SendInstitution(institution);
    for (const Bed& bed : Beds()) {
      if (!InstitutionOf(bed.institution).health) SendBed(bed);
    }
    for (const Elder& elder : Elders()) SendElder(elder);
    for (const Institution& institution : Institutions()) {
      if (institution.health) AddInsuranceCode(institution);
    }
    for (const Bed& bed : Beds()) {
      if (InstitutionOf(bed.institution).health) PutHealthBed(bed);
    }
    for (const char* home : {"care-home-1", "care-home-2"}) {
      for (const char* partner : {"hospital", "health-centre", "hospice"}) PutAgreement(home, partner);
    }
    return loaded_;
  }

 private:
  void Note(bool taken, std::string_view what) {
    if (taken) return static_cast<void>(++loaded_.messages);
    if (loaded_.failures++ == 0) loaded_.first_failure = fmt::format("{}: {}", what, sender_.last_answer());
  }

  void Civil(std::string_view type, const std::string& id, std::string_view sender, JsonValue data) {
    Note(sender_.Civil(sender_.civil_affairs(), type, id, sender, std::move(data)) == 0, id);
  }

  void SendInstitution(const Institution& institution) {
    Civil("ORG", "MZORG-" + institution.key, BureauCode(),
          Record({{"taxId", institution.uscc}, {"enterInstName", institution.name}, {"enterInstType", institution.type}, {"areaCode", std::string(kAreaCode)}}));
  }

  void SendBed(const Bed& bed) {
    const Institution& institution = InstitutionOf(bed.institution);
    JsonValue data = JsonValue::Object();
    data.Set("id", JsonValue::OfInteger(bed.number));
    data.Set("orgUscc", JsonValue::OfString(institution.uscc));
    data.Set("floor", JsonValue::OfString(bed.floor));
    data.Set("roomNumber", JsonValue::OfString(bed.room));
    data.Set("bedNumber", JsonValue::OfString(bed.label));
    data.Set("status", JsonValue::OfString("0"));
    data.Set("bedType", JsonValue::OfString(bed.kind));
    data.Set("price", JsonValue::OfNumber("2800.00"));
    Civil("BED", fmt::format("MZBED-{}", bed.number), institution.uscc, std::move(data));
  }

  void SendElder(const Elder& elder) {
    JsonValue data = JsonValue::Object();
    data.Set("id", JsonValue::OfInteger(1000 + elder.number));
    data.Set("name", JsonValue::OfString(elder.name));
    data.Set("gender", JsonValue::OfString(elder.male ? "0" : "1"));
    data.Set("idCardNo", JsonValue::OfString(elder.identity_number));
    data.Set("phone", JsonValue::OfString(elder.phone));
    data.Set("address", JsonValue::OfString(elder.address));
    data.Set("areaCode", JsonValue::OfString(kAreaCode));
    Civil("ELDER", fmt::format("MZELD-{}", elder.number), BureauCode(), std::move(data));
  }

  std::string OrganizationReference(const Institution& institution) {
    const JsonValue found = sender_.FindOne(fmt::format("Organization?identifier={}|{}", adapters::kCreditCodeSystem, institution.uscc));
    return fmt::format("Organization/{}", found.StringAt("id"));
  }

  // Health adds the code that the insurance knows its institution by.
  void AddInsuranceCode(const Institution& institution) {
    JsonValue organization = sender_.FindOne(fmt::format("Organization?identifier={}|{}", adapters::kCreditCodeSystem, institution.uscc));
    JsonValue* identifiers = organization.Find("identifier");
    if (identifiers == nullptr) return Note(false, institution.key);
    for (const JsonValue& present : identifiers->items()) {
      if (present.StringAt("system") == adapters::kInstitutionCodeSystem) return Note(true, institution.key);
    }
    identifiers->Append(Record({{"system", std::string(adapters::kInstitutionCodeSystem)}, {"value", institution.fixmedins_code}}));
    Note(sender_.Put(sender_.operators(), organization) == 200, institution.key);
  }

  void PutHealthBed(const Bed& bed) {
    const std::string id = fmt::format("bed-{}", bed.number);
    if (const auto present = sender_.operators().Get("/fhir/Location/" + id); present.ok() && present->status == 200) return Note(true, id);
    const bool at_home = bed.kind == "home-sickbed";
    JsonValue location = Parse(fmt::format(
        R"({{"resourceType":"Location","id":"{}","status":"active","operationalStatus":{{"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"U"}},)"
        R"("name":"{}","mode":"instance","type":[{{"coding":[{{"system":"{}","code":"{}"}}]}}],)"
        R"("physicalType":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"{}"}}]}},)"
        R"("managingOrganization":{{"reference":"{}"}}}})",
        id, bed.label, adapters::kBedKindSystem, bed.kind, at_home ? "ho" : "bd", OrganizationReference(InstitutionOf(bed.institution))));
    Note(sender_.Put(sender_.hospital(), location) == 201, id);
  }

  void PutAgreement(const char* home, const char* partner) {
    const std::string id = fmt::format("agreement-{}-{}", home, partner);
    if (const auto present = sender_.operators().Get("/fhir/Contract/" + id); present.ok() && present->status == 200) return Note(true, id);
    JsonValue contract = Parse(fmt::format(
        R"({{"resourceType":"Contract","id":"{}","status":"executed","title":"床位联动转介协议","applies":{{"start":"2025-01-01"}},)"
        R"("subject":[{{"reference":"{}"}},{{"reference":"{}"}}]}})",
        id, OrganizationReference(InstitutionOf(home)), OrganizationReference(InstitutionOf(partner))));
    Note(sender_.Put(sender_.operators(), contract) == 201, id);
  }

  Sender& sender_;
  LoadedDistrict loaded_;
};

}  // namespace

LoadedDistrict LoadDistrict(Sender& sender) { return Loader(sender).Load(); }

int RunDistrict(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("data")) {
    std::fprintf(stderr, "usage: heyi district --data DIR [--server URL]\n");
    return 2;
  }
  Sender sender(arguments.Option("server", "http://127.0.0.1:8080"), arguments.Option("data", ""));
  const LoadedDistrict loaded = LoadDistrict(sender);
  if (loaded.failures > 0) {
    std::fprintf(stderr, "heyi: %d of the district's records were not taken; the first: %s\n", loaded.failures, loaded.first_failure.c_str());
    return 1;
  }
  std::printf("示例区已就绪：%zu 家机构，%zu 张床位，%zu 位老人 / the invented district is loaded\n", Institutions().size(), Beds().size(), Elders().size());
  return 0;
}

}  // namespace heyi::cli
