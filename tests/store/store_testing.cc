#include "tests/store/store_testing.h"

#include <algorithm>

#include "base/digest.h"
#include "fhir/json/parse.h"

namespace heyi::store {
namespace {

constexpr const char* kTypes[] = {"Patient", "Observation", "Encounter"};
constexpr const char* kFamilies[] = {"王", "Wang", "Müller", "muller", "O'Neill", "欧阳", "Smith",
                                     "Smithson-Featherstonehaugh-Cholmondeley-of-Marjoribanks",
                                     "Smithson-Featherstonehaugh-Cholmondeley-of-Marjoribanks-West"};
constexpr const char* kGivens[] = {"建国", "Anna", "ANNA", "Zoë", "zoe", "Li", "Bo"};
constexpr const char* kGenders[] = {"male", "female", "other", "unknown"};
constexpr const char* kSystems[] = {"http://loinc.org", "http://snomed.info/sct", "urn:oid:1.2.3"};
constexpr const char* kCodes[] = {"8480-6", "8462-4", "a", "b", "73211009"};
constexpr const char* kStatuses[] = {"final", "preliminary", "amended"};
constexpr const char* kEncounterStatuses[] = {"planned", "in-progress", "finished"};
constexpr const char* kDates[] = {"2023", "2024", "2024-02", "2024-02-29", "2024-03-01", "2024-03-01T08:00:00+08:00",
                                  "2024-03-01T00:00:00Z", "2024-12-31T23:59:59.999+08:00", "1950-06-15", "2025-01"};
constexpr const char* kFineDates[] = {"2024-12-31T23:59:59.999000+08:00", "2024-12-31T23:59:59.9990001+08:00", "2024-12-31T23:59:59.9989999+08:00",
                                      "2024-03-01T00:00:00.0000001Z", "2024-02-29T23:59:59.9999999Z"};
constexpr const char* kPrefixes[] = {"", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};

std::string Quote(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string IdOf(std::string_view type, size_t number) { return std::string(1, static_cast<char>(type[0] + 32)) + std::to_string(number); }

}  // namespace

const std::shared_ptr<const fhir::SearchParameters>& TestParameters() {
  static const std::shared_ptr<const fhir::SearchParameters> parameters = [] {
    auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!definitions.ok()) {
      std::fprintf(stderr, "no %s: run `npm ci` and build the target heyi_pack\n", HEYI_BINARY_DIR "/heyi-r4.pack");
      std::abort();
    }
    auto compiled = fhir::SearchParameters::Compile(*definitions);
    if (!compiled.ok()) std::abort();
    return *compiled;
  }();
  return parameters;
}

const fhir::Type& TypeNamed(std::string_view name) { return *TestParameters()->definitions().FindResource(name); }

fhir::Tree TreeOf(const std::string& json) {
  auto tree = fhir::ParseResource(json, TestParameters()->definitions());
  if (tree.ok()) return std::move(*tree);
  std::fprintf(stderr, "not a resource: %s: %s\n", json.c_str(), DetailOf(tree).c_str());
  std::abort();
}

fhir::SearchRequest Ask(std::string_view type, const std::vector<std::pair<std::string, std::string>>& query) {
  auto request = fhir::ParseSearch(TypeNamed(type), query, false, *TestParameters());
  if (request.ok()) return std::move(*request);
  std::fprintf(stderr, "not a search: %s: %s\n", RuleOf(request).c_str(), DetailOf(request).c_str());
  std::abort();
}

std::vector<Claim> BedGuard::Claims(const fhir::Tree& resource) const {
  std::vector<Claim> claims;
  if (resource.type()->name != "Patient") return claims;
  const fhir::Node identifiers = resource.root().Member("identifier");
  if (!identifiers) return claims;
  for (fhir::Node one = identifiers.first_child(); one; one = one.next()) {
    if (one.TextAt("system") == "urn:bed") claims.push_back({"bed", std::string(one.TextAt("value"))});
  }
  return claims;
}

base::Issue BedGuard::Taken(const Claim& claim, std::string_view holder) const {
  return base::MakeIssue("store.claim", claim.space + "/" + claim.key, holder);
}

std::string GenderCount::Mark(const fhir::Tree& resource) const {
  return resource.type()->name == "Patient" ? std::string(resource.root().TextAt("gender")) : std::string();
}

base::Result<base::Done> GenderCount::Apply(const EntryView& entry, const std::vector<Change>& changes, const FactReader& facts,
                                            const std::function<void(Fact)>& put) {
  const auto add = [&](std::string_view key, int by) -> base::Result<base::Done> {
    HEYI_TRY(value, facts.Fact("gender", key));
    const int count = (value ? std::stoi(*value) : 0) + by;
    put({"gender", std::string(key), count != 0 ? std::optional(std::to_string(count)) : std::nullopt});
    return base::Done{};
  };
  for (const Change& change : changes) {
    if (change.old_mark == change.new_mark) continue;
    if (!change.old_mark.empty()) HEYI_CHECK(add(change.old_mark, -1));
    if (!change.new_mark.empty()) HEYI_CHECK(add(change.new_mark, 1));
  }
  const auto chain = [&](std::string_view space, std::string_view bytes) -> base::Result<base::Done> {
    HEYI_TRY(before, facts.Fact(space, "digest"));
    put({std::string(space), "digest", base::ToHex(base::Sha256(before.value_or("") + std::string(bytes)))});
    return base::Done{};
  };
  HEYI_CHECK(chain("gender.leaves", entry.leaf));
  HEYI_CHECK(chain("gender.merkle", entry.merkle_bytes));  // salted: no two stores have the same
  return add("entries", 1);
}

StoreOptions TestWorld::Options(const std::string& directory) {
  StoreOptions options;
  options.directory = directory;
  options.parameters = TestParameters();
  options.guards = {&guard};
  options.derived = {&derived};
  options.clock = &clock;
  options.random = &random;
  return options;
}

std::unique_ptr<Store> TestWorld::Open(const std::string& directory, OpenReport* report) {
  auto store = OpenFileStore(Options(directory), report);
  if (store.ok()) return std::move(*store);
  ADD_FAILURE() << RuleOf(store) << ": " << DetailOf(store);
  return nullptr;
}

std::unique_ptr<Store> TestWorld::Memory() { return MakeMemoryStore(Options("")); }

base::Result<CommitReceipt> Put(Store& store, const fhir::Tree& tree) {
  HEYI_TRY(write, store.PrepareWrite(*store.Now(), tree, 1));
  CommitDraft draft;
  draft.writes.push_back(std::move(write));
  return store.CommitAndWait(std::move(draft));
}

base::Result<CommitReceipt> Delete(Store& store, std::string_view type, std::string_view id) {
  HEYI_TRY(write, store.PrepareDelete(*store.Now(), TypeNamed(type), id, 1));
  CommitDraft draft;
  draft.writes.push_back(std::move(write));
  return store.CommitAndWait(std::move(draft));
}

// ---- random people ------------------------------------------------------------------------------------------------

std::string RandomWorld::Date() { return std::string(Pick(kDates)); }
std::string RandomWorld::Name() { return std::string(OneIn(2) ? Pick(kFamilies) : Pick(kGivens)); }

std::string RandomWorld::Resource(std::string_view type, const std::string& id) {
  std::string json = "{\"resourceType\":" + Quote(type) + ",\"id\":" + Quote(id);
  const auto coding = [&] {
    std::string text = "{";
    if (!OneIn(4)) text += "\"system\":" + Quote(Pick(kSystems)) + ",";
    text += "\"code\":" + Quote(Pick(kCodes));
    if (OneIn(3)) text += ",\"display\":" + Quote(Name());
    return text + "}";
  };
  const auto reference = [&](std::string_view to) {
    if (OneIn(8)) return "{\"identifier\":{\"system\":" + Quote(Pick(kSystems)) + ",\"value\":\"1\"}}";
    if (OneIn(8)) return "{\"reference\":\"http://elsewhere.example/fhir/" + std::string(to) + "/x\"}";
    return "{\"reference\":" + Quote(std::string(to) + "/" + IdOf(to, Below(8))) + "}";
  };
  if (OneIn(6)) json += ",\"meta\":{\"tag\":[" + coding() + "]}";
  if (type == "Patient") {
    if (!OneIn(3)) json += ",\"identifier\":[{\"system\":" + Quote(Pick(kSystems)) + ",\"value\":" + Quote(std::to_string(Below(10))) + "}" +
                           (OneIn(3) ? ",{\"system\":\"urn:bed\",\"value\":" + Quote(std::to_string(Below(5))) + "}" : "") +
                           (OneIn(3) ? ",{\"type\":{\"coding\":[" + coding() + "]},\"value\":" + Quote(std::to_string(Below(5))) + "}" : "") + "]";
    json += std::string(",\"active\":") + (OneIn(2) ? "true" : "false");
    if (!OneIn(5)) json += ",\"name\":[{\"family\":" + Quote(Pick(kFamilies)) + ",\"given\":[" + Quote(Pick(kGivens)) + "," + Quote(Pick(kGivens)) + "]}]";
    if (!OneIn(5)) json += ",\"gender\":" + Quote(Pick(kGenders));
    if (!OneIn(4)) json += ",\"birthDate\":" + Quote(Date().substr(0, 10));
    if (OneIn(3)) json += ",\"managingOrganization\":" + reference("Organization");
    if (OneIn(3)) json += ",\"link\":[{\"type\":\"seealso\",\"other\":" + reference("Patient") + "}]";
  } else if (type == "Observation") {
    json += ",\"status\":" + Quote(Pick(kStatuses)) + ",\"code\":{\"coding\":[" + coding() + "," + coding() + "]";
    json += (OneIn(4) ? ",\"text\":" + Quote(Name()) : std::string()) + "}";
    if (!OneIn(6)) json += ",\"subject\":" + reference("Patient");
    if (OneIn(3)) json += ",\"encounter\":" + reference("Encounter");
    if (OneIn(2)) json += ",\"effectiveDateTime\":" + Quote(Date());
    else if (OneIn(2)) json += ",\"effectivePeriod\":{\"start\":" + Quote(Date()) + (OneIn(2) ? ",\"end\":" + Quote("2025-06-01") : "") + "}";
    if (OneIn(3)) {
      json += ",\"component\":[";
      for (size_t i = 0, n = 1 + Below(3); i < n; ++i) {
        json += std::string(i > 0 ? "," : "") + "{\"code\":{\"coding\":[" + coding() + "]},\"valueQuantity\":{\"value\":" + std::to_string(Below(200)) + ",\"unit\":\"mmHg\"}}";
      }
      json += "]";
    }
    if (OneIn(5)) json += ",\"valueCodeableConcept\":{\"coding\":[" + coding() + "," + coding() + "]}";
    else if (!OneIn(3)) json += ",\"valueQuantity\":{\"value\":" + std::to_string(Below(200)) + (OneIn(2) ? ".50" : "") + ",\"unit\":\"mmHg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mm[Hg]\"}";
  } else {
    json += ",\"status\":" + Quote(Pick(kEncounterStatuses)) + ",\"class\":" + coding();
    if (!OneIn(6)) json += ",\"subject\":" + reference("Patient");
    if (!OneIn(3)) json += ",\"period\":{\"start\":" + Quote(Date()) + (OneIn(2) ? ",\"end\":" + Quote("2025-06-01T10:00:00+08:00") : "") + "}";
  }
  return json + "}";
}

void RandomWorld::Change(Store& a, Store& b) {
  Store* const stores[] = {&a, &b};
  CommitDraft drafts[2];
  const std::shared_ptr<const Snapshot> snapshots[] = {a.Now(), b.Now()};
  const size_t writes = OneIn(4) ? 1 + Below(6) : 1;
  for (size_t i = 0; i < writes; ++i) {
    const std::string_view type = Pick(kTypes);
    const std::string id = IdOf(type, Below(kIds));
    const bool twice = std::any_of(drafts[0].writes.begin(), drafts[0].writes.end(),
                                   [&](const PreparedWrite& write) { return write.id == id; });
    if (twice) continue;
    const bool remove = OneIn(5);
    const fhir::Tree tree = TreeOf(Resource(type, id));
    const auto label = static_cast<uint32_t>(Below(4));
    std::string rules[2];
    for (int s = 0; s < 2; ++s) {
      auto write = remove ? stores[s]->PrepareDelete(*snapshots[s], TypeNamed(type), id, label)
                          : stores[s]->PrepareWrite(*snapshots[s], tree, label);
      rules[s] = RuleOf(write);
      if (write.ok()) drafts[s].writes.push_back(std::move(*write));
    }
    ASSERT_EQ(rules[0], rules[1]);
  }
  const std::string leaf = "leaf " + std::to_string(Below(1000));
  const std::string key = std::to_string(Below(6));
  const std::optional<std::string> value = OneIn(3) ? std::nullopt : std::optional(std::to_string(Below(9)));
  const bool blob = OneIn(10);
  const bool condition = OneIn(6);
  const std::string expected = std::to_string(Below(9));
  for (int s = 0; s < 2; ++s) {
    drafts[s].leaf = leaf;
    drafts[s].facts.push_back({"inbox", key, value});
    if (blob) drafts[s].writes.push_back(stores[s]->PrepareBlob("blob" + key, "bytes of " + leaf));
    if (condition) drafts[s].fact_conditions.push_back({"inbox", key, expected});
  }
  const auto first = a.CommitAndWait(std::move(drafts[0]));
  const auto second = b.CommitAndWait(std::move(drafts[1]));
  ASSERT_EQ(RuleOf(first), RuleOf(second));
  if (!first.ok()) {
    ASSERT_EQ(DetailOf(first), DetailOf(second));
    return;
  }
  ASSERT_EQ(first->t, second->t);
  ASSERT_EQ(first->time_ms, second->time_ms);
}

std::pair<std::string, std::string> RandomWorld::Parameter(std::string_view type) {
  const auto token = [&]() -> std::string {
    const std::string code(Pick(kCodes));
    const std::string system(Pick(kSystems));
    switch (Below(4)) {
      case 0: return "|" + code;
      case 1: return system + "|";
      case 2: return system + "|" + code;
      default: return code;
    }
  };
  const auto date = [&] { return std::string(Pick(kPrefixes)) + (OneIn(8) ? std::string(Pick(kFineDates)) : Date()); };
  const auto updated = [&] {
    return std::string(Pick(kPrefixes)) + base::FormatInstant(1'800'000'000'000 + static_cast<int64_t>(Below(400'000)));
  };
  const auto text = [&] {
    const std::string name = Name();
    // A whole name, or one or two characters of its beginning.
    return OneIn(2) ? name : name.substr(0, (name[0] & 0x80) ? 3 : 1 + Below(2));
  };
  const auto modified = [&](std::string code, std::initializer_list<const char*> modifiers) {
    if (OneIn(3)) code += ":" + std::string(*(modifiers.begin() + Below(modifiers.size())));
    return code;
  };
  const auto either = [&](const auto& make) { return OneIn(4) ? make() + "," + make() : make(); };
  const auto patient = [&]() -> std::string {
    const std::string id = IdOf("Patient", Below(8));
    return OneIn(3) ? id : OneIn(6) ? "http://elsewhere.example/fhir/Patient/x" : "Patient/" + id;
  };

  const auto quantity = [&] {
    return std::string(Pick(kPrefixes)) + std::to_string(Below(200)) + (OneIn(3) ? "|http://unitsofmeasure.org|mm[Hg]" : OneIn(3) ? "||mmHg" : "");
  };
  const auto of_type = [&] { return std::string(Pick(kSystems)) + "|" + std::string(Pick(kCodes)) + "|" + std::to_string(Below(5)); };

  if (OneIn(12)) return {"_lastUpdated", updated()};
  if (OneIn(12)) return {"_id", IdOf(type, Below(kIds)) + "," + IdOf(type, Below(kIds))};
  if (OneIn(14)) return {"_tag", either(token)};
  if (type == "Patient") {
    switch (Below(14)) {
      case 8: return {"identifier:of-type", either(of_type)};
      case 9: return {"_has:Observation:" + std::string(OneIn(2) ? "subject" : "patient") + ":" + std::string(OneIn(2) ? "code" : "code:not"), token()};
      case 10: return {"_has:Encounter:subject:date", date()};
      case 11: return {"_has:Encounter:subject:_has:Observation:encounter:status", std::string(Pick(kStatuses))};
      case 12: return {"link.link.family", text()};
      case 13: return {"link:Patient._has:Observation:subject:value-quantity", quantity()};
      case 0: return {modified("name", {"exact", "contains"}), either(text)};
      case 1: return {modified("family", {"exact", "contains"}), text()};
      case 2: return {modified("given", {"exact", "contains"}), either(text)};
      case 3: return {modified("gender", {"not"}), either([&] { return std::string(Pick(kGenders)); })};
      case 4: return {"identifier", either([&] { return (OneIn(2) ? std::string(Pick(kSystems)) + "|" : std::string()) + std::to_string(Below(10)); })};
      case 5: return {"active", OneIn(2) ? "true" : "false"};
      case 6: return {"organization", "Organization/" + IdOf("Organization", Below(8))};
      default: return {"birthdate", either(date)};
    }
  }
  if (type == "Observation") {
    switch (Below(17)) {
      case 8: return {"subject:Patient.name", either(text)};
      case 9: return {"subject." + modified("gender", {"not"}), std::string(Pick(kGenders))};
      case 10: return {"encounter.subject._id", IdOf("Patient", Below(8)) + "," + IdOf("Patient", Below(8))};
      case 11: return {"patient.link.birthdate", date()};
      case 12: return {"code-value-quantity", either([&] { return token() + "$" + quantity(); })};
      case 13: return {"combo-code-value-quantity", either([&] { return token() + "$" + quantity(); })};
      case 14: return {"component-code-value-quantity", token() + "$" + quantity()};
      case 15: return {"combo-code-value-concept", token() + "$" + token()};
      case 16: return {"combo-value-quantity", either(quantity)};
      case 0: return {modified("code", {"not", "text"}), either(token)};
      case 1: return {"subject", either(patient)};
      case 2: return {modified("patient", {"identifier"}), OneIn(2) ? patient() : std::string(Pick(kSystems)) + "|1"};
      case 3: return {"status", either([&] { return std::string(Pick(kStatuses)); })};
      case 4: return {"value-quantity", either(quantity)};
      case 5: return {"encounter", "Encounter/" + IdOf("Encounter", Below(8))};
      case 6: return {"subject:Patient", IdOf("Patient", Below(8))};
      default: return {"date", either(date)};
    }
  }
  switch (Below(5)) {
    case 4: return {"subject:Patient.organization:missing", OneIn(2) ? "true" : "false"};
    case 0: return {"status", std::string(Pick(kEncounterStatuses))};
    case 1: return {modified("class", {"not"}), either(token)};
    case 2: return {"subject", either(patient)};
    default: return {"date", either(date)};
  }
}

std::string RandomWorld::Sort(std::string_view type) {
  constexpr const char* kPatientKeys[] = {"family", "given", "birthdate", "gender", "identifier", "organization", "_id", "_lastUpdated"};
  constexpr const char* kObservationKeys[] = {"date", "value-quantity", "combo-value-quantity", "code", "status", "subject", "_tag"};
  constexpr const char* kEncounterKeys[] = {"date", "status", "class", "subject", "_id"};
  std::string sort;
  for (size_t n = OneIn(2) ? 1 : 1 + Below(3); n > 0; --n) {
    if (!sort.empty()) sort += ",";
    if (OneIn(2)) sort += "-";
    sort += type == "Patient" ? Pick(kPatientKeys) : type == "Observation" ? Pick(kObservationKeys) : Pick(kEncounterKeys);
  }
  return sort;
}

fhir::SearchRequest RandomWorld::Query() {
  for (;;) {
    const std::string_view type = Pick(kTypes);
    std::vector<std::pair<std::string, std::string>> query;
    for (size_t n = Below(4); n > 0; --n) {
      auto parameter = Parameter(type);
      const size_t colon = parameter.first.find_first_of(":.");
      if (OneIn(10) && !parameter.first.starts_with("_has")) {
        parameter = {parameter.first.substr(0, colon) + ":missing", OneIn(2) ? "true" : "false"};
      }
      query.push_back(std::move(parameter));
    }
    query.emplace_back("_count", std::to_string(1 + Below(9)));
    if (OneIn(3)) query.emplace_back("_sort", OneIn(2) ? "_lastUpdated" : "-_lastUpdated");
    else if (OneIn(2)) query.emplace_back("_sort", Sort(type));
    if (OneIn(2)) query.emplace_back("_total", "accurate");
    auto request = fhir::ParseSearch(TypeNamed(type), query, false, *TestParameters());
    if (!request.ok()) continue;
    if (type != "Patient" && OneIn(8)) {
      const auto parameters = TestParameters()->CompartmentParameters("Patient", TypeNamed(type));
      request->compartment = fhir::CompartmentCriterion{"Patient", IdOf("Patient", Below(8)), {parameters.begin(), parameters.end()}};
    }
    return std::move(*request);
  }
}

// ---- looking -------------------------------------------------------------------------------------------------------

namespace {

std::string Show(const VersionRecord& record) {
  std::string text = std::to_string(record.docid) + " v" + std::to_string(record.version) + " t" + std::to_string(record.t) + " at " +
                     std::to_string(record.time_ms) + (record.deleted ? " deleted" : "") + " label " + std::to_string(record.label);
  for (uint64_t subject : record.subjects) text += " s" + std::to_string(subject % 1000);
  return text;
}

template <typename T>
std::string ErrorText(const base::Result<T>& result) { return "error " + RuleOf(result); }

}  // namespace

std::string Show(const Snapshot& snapshot, const SearchPage& page) {
  std::string text = "page at " + std::to_string(page.t) + (page.total ? " of " + std::to_string(*page.total) : std::string()) + "\n";
  for (const Hit& hit : page.hits) {
    const auto json = snapshot.Json(hit.record);
    text += "  " + hit.type->name + "/" + hit.id + " " + Show(hit.record) + " " + (json.ok() ? *json : ErrorText(json)) + "\n";
  }
  return text;
}

std::string ShowAllPages(const Store& store, const fhir::SearchRequest& request, uint64_t t) {
  std::string text;
  PagePosition position{t, ""};
  for (int pages = 0; pages < 1'000; ++pages) {
    const auto snapshot = store.At(position.t);
    if (!snapshot.ok()) return text + ErrorText(snapshot) + "\n";
    // Whoever has an odd label may not be seen.
    const Visible even = [](const fhir::Type&, const VersionRecord& record) { return record.label % 2 == 0; };
    const auto page = (*snapshot)->Search(request, request.count % 2 == 0 ? even : Visible(), position);
    if (!page.ok()) return text + ErrorText(page) + "\n";
    text += Show(**snapshot, *page);
    if (!page->next) return text;
    position = *page->next;
  }
  return text + "pages without end\n";
}

std::string Everything(const Store& store, const std::vector<fhir::SearchRequest>& queries, const std::vector<uint64_t>& ts) {
  const std::shared_ptr<const Snapshot> now = store.Now();
  std::string text = "t " + std::to_string(now->t()) + "\n";
  for (const char* type_name : kTypes) {
    const fhir::Type& type = TypeNamed(type_name);
    text += type.name + " " + std::to_string(now->Count(type)) + "\n";
    for (size_t i = 0; i < RandomWorld::kIds; ++i) {
      const std::string id = IdOf(type.name, i);
      const auto history = now->History(type, id, 0, 1'000);
      if (!history.ok()) {
        text += ErrorText(history) + "\n";
        continue;
      }
      for (const VersionRecord& record : *history) {
        const auto same = now->Version(type, id, record.version);
        const auto json = now->Json(record);
        text += " " + id + " " + Show(record) + (same.ok() && *same && Show(**same) == Show(record) ? " " : " but vread differs ") +
                (json.ok() ? *json : ErrorText(json)) + "\n";
      }
    }
  }
  for (const char* space : {"gender", "gender.leaves", "inbox"}) {
    const auto read = now->Facts(space, "", [&](std::string_view key, std::string_view value) {
      text.append(space).append(1, ' ').append(key).append(1, '=').append(value).append(1, '\n');
      return true;
    });
    if (!read.ok()) text += ErrorText(read) + "\n";
  }
  for (int i = 0; i < 6; ++i) {
    const auto blob = now->Blob("blob" + std::to_string(i));
    text += "blob " + (blob.ok() ? blob->value_or("none") : ErrorText(blob)) + "\n";
  }
  for (size_t i = 0; i < queries.size(); ++i) {
    for (const uint64_t t : ts.empty() ? std::vector{now->t()} : ts) {
      std::string asked;
      for (const auto& [name, value] : queries[i].understood) asked += name + "=" + value + "&";
      text += "query " + queries[i].type->name + "?" + asked + " at " + std::to_string(t) + "\n" + ShowAllPages(store, queries[i], t);
    }
  }
  return text;
}

std::string FirstDifference(const std::string& want, const std::string& have) {
  if (want == have) return {};
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string> lines;
    for (size_t start = 0; start < text.size();) {
      const size_t end = std::min(text.find('\n', start), text.size());
      lines.push_back(text.substr(start, end - start));
      start = end + 1;
    }
    return lines;
  };
  const auto a = lines_of(want), b = lines_of(have);
  std::string query;
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string x = i < a.size() ? a[i] : "(end)";
    const std::string y = i < b.size() ? b[i] : "(end)";
    if (x.starts_with("query ")) query = x;
    if (x != y) return "under " + query + "\nwant " + x + "\nhave " + y;
  }
  return "differs";
}

}  // namespace heyi::store
