#include "interaction/store_source.h"

#include <algorithm>
#include <set>

#include "base/json/reader.h"

namespace heyi::interaction {
namespace {

// url and version of a resource, without making a tree of what may be megabytes.
class NameReader : public base::JsonEvents {
 public:
  std::string url, version;

  void Null(size_t) override {}
  void Bool(bool, size_t) override {}
  void Number(std::string_view, size_t) override {}
  void String(std::string_view text, size_t) override {
    if (depth_ != 1) return;
    if (key_ == "url") url = text;
    if (key_ == "version") version = text;
  }
  void Key(std::string_view name) override {
    if (depth_ == 1) key_ = name;
  }
  void StartObject(size_t) override { ++depth_; }
  void EndObject(size_t) override { --depth_; }
  void StartArray(size_t) override { ++depth_; }
  void EndArray(size_t) override { --depth_; }

 private:
  int depth_ = 0;
  std::string key_;
};

}  // namespace

void StoreSource::Drop(TypeIndex& index, const std::string& id) {
  const auto known = index.urls.find(id);
  if (known == index.urls.end()) return;
  const auto versions = index.by_url.find(known->second);
  std::erase_if(versions->second, [&](const Known& one) { return one.id == id; });
  if (versions->second.empty()) index.by_url.erase(versions);
  index.urls.erase(known);
}

void StoreSource::Take(TypeIndex& index, const store::Snapshot& snapshot, const std::string& id, const store::VersionRecord& record) const {
  Drop(index, id);
  if (record.deleted) return;
  auto json = snapshot.Json(record);
  NameReader names;
  if (!json.ok() || !base::ReadJsonInPlace(*json, names).ok() || names.url.empty()) return;
  std::vector<Known>& versions = index.by_url[names.url];
  const auto place = std::find_if(versions.begin(), versions.end(), [&](const Known& one) {
    return conformance::CompareVersions(one.version, names.version) <= 0;
  });
  versions.insert(place, {names.version, id});
  index.urls[id] = names.url;
}

bool StoreSource::Fill(TypeIndex& index, const store::Snapshot& snapshot) const {
  fhir::SearchRequest request;
  request.type = index.type;
  request.count = fhir::kCountMax;
  store::PagePosition position;
  const auto everything = [](const fhir::Type&, const store::VersionRecord&) { return true; };
  while (true) {
    auto page = snapshot.Search(request, everything, position);
    if (!page.ok()) return false;
    for (const store::Hit& hit : page->hits) Take(index, snapshot, hit.id, hit.record);
    if (!page->next) return true;
    position = *page->next;
  }
}

void StoreSource::Update() const {
  const std::shared_ptr<const store::Snapshot> now = store_.Now();
  if (now->t() == seen_t_) return;
  if (indexes_.empty()) {
    seen_t_ = now->t();
    return;
  }
  std::set<std::pair<std::string, std::string>> touched;
  const auto followed = store_.Follow(seen_t_ + 1, [&](const store::EntryView& entry) -> base::Result<bool> {
    if (entry.t > now->t()) return false;
    for (const store::BodyView& body : entry.bodies) {
      if (indexes_.contains(body.type)) touched.emplace(body.type, body.id);
    }
    return true;
  });
  seen_t_ = now->t();
  if (!followed.ok()) {  // what was missed is not known: begin anew
    indexes_.clear();
    ++generation_;
    return;
  }
  for (const auto& [type, id] : touched) {
    TypeIndex& index = indexes_.find(type)->second;
    const auto record = now->Current(*index.type, id);
    if (record.ok() && *record) Take(index, *now, id, **record);
    else Drop(index, id);
  }
  if (!touched.empty()) ++generation_;
}

const StoreSource::TypeIndex* StoreSource::IndexOf(std::string_view type) const {
  Update();
  const auto known = indexes_.find(type);
  if (known != indexes_.end()) return &known->second;
  TypeIndex index;
  index.type = definitions_.FindResource(std::string(type));
  if (index.type == nullptr) return nullptr;
  const std::shared_ptr<const store::Snapshot> now = store_.Now();
  if (now->t() != seen_t_) Update();
  if (!Fill(index, *now)) return nullptr;
  seen_t_ = std::min(seen_t_, now->t());  // what came in between is looked at again
  return &indexes_.emplace(std::string(type), std::move(index)).first->second;
}

std::shared_ptr<const base::JsonValue> StoreSource::Find(std::string_view type, std::string_view url, std::string_view version) const {
  std::string id;
  const fhir::Type* of = nullptr;
  {
    const std::lock_guard<std::mutex> held(mutex_);
    const TypeIndex* index = IndexOf(type);
    const auto found = index == nullptr ? decltype(index->by_url.end())() : index->by_url.find(url);
    if (index == nullptr || found == index->by_url.end()) return nullptr;
    const std::vector<Known>& versions = found->second;
    auto picked = version.empty() ? versions.begin() : std::find_if(versions.begin(), versions.end(), [&](const Known& one) { return one.version == version; });
    if (picked == versions.end()) {
      picked = std::find_if(versions.begin(), versions.end(), [&](const Known& one) { return conformance::VersionFits(version, one.version); });
    }
    if (picked == versions.end()) return nullptr;
    id = picked->id;
    of = index->type;
  }
  const std::shared_ptr<const store::Snapshot> now = store_.Now();
  const auto record = now->Current(*of, id);
  if (!record.ok() || !*record || (*record)->deleted) return nullptr;
  auto text = now->Json(**record);
  if (!text.ok()) return nullptr;
  auto json = base::ParseJson(*std::move(text));
  return json.ok() ? std::make_shared<const base::JsonValue>(*std::move(json)) : nullptr;
}

std::vector<conformance::CanonicalName> StoreSource::Names(std::string_view type) const {
  const std::lock_guard<std::mutex> held(mutex_);
  std::vector<conformance::CanonicalName> names;
  if (const TypeIndex* index = IndexOf(type)) {
    for (const auto& [url, versions] : index->by_url) {
      for (const Known& one : versions) names.push_back({url, one.version});
    }
  }
  return names;
}

std::vector<std::string> StoreSource::Versions(std::string_view type, std::string_view url) const {
  const std::lock_guard<std::mutex> held(mutex_);
  std::vector<std::string> found;
  if (const TypeIndex* index = IndexOf(type)) {
    const auto versions = index->by_url.find(url);
    if (versions == index->by_url.end()) return found;
    for (const Known& one : versions->second) {
      if (found.empty() || found.back() != one.version) found.push_back(one.version);
    }
  }
  return found;
}

uint64_t StoreSource::Generation() const {
  const std::lock_guard<std::mutex> held(mutex_);
  Update();
  return generation_;
}

}  // namespace heyi::interaction
