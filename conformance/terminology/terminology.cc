#include "conformance/terminology/terminology.h"

#include <algorithm>

#include "conformance/library/layered_source.h"
#include "conformance/limits.h"
#include "conformance/terminology/cache.h"
#include "conformance/terminology/resolve.h"
#include "conformance/terminology/resolver.h"

namespace heyi::conformance {

Terminology::Terminology(const CanonicalSource& source) : source_(&source), cache_(std::make_unique<TerminologyCache>()) {}

Terminology::Terminology(const MemorySource& own, const Terminology& below)
    : own_(&own),
      below_(&below),
      layered_(std::make_unique<LayeredSource>(std::vector<const CanonicalSource*>{&own, below.source_})),
      source_(layered_.get()),
      cache_(std::make_unique<TerminologyCache>()) {}

Terminology::~Terminology() = default;

namespace {

bool HasWildcard(std::string_view version) {
  size_t start = 0;
  while (start <= version.size()) {
    const size_t point = std::min(version.find('.', start), version.size());
    const std::string_view part = version.substr(start, point - start);
    if (part == "x" || part == "X" || part == "*") return true;
    start = point + 1;
  }
  return false;
}

}  // namespace

const std::string* Terminology::PickVersion(const std::vector<std::string>& versions, std::string_view wanted) const {
  if (versions.empty()) return nullptr;
  if (wanted.empty()) return &versions.front();
  for (const std::string& version : versions) {
    if (version == wanted) return &version;
  }
  if (!HasWildcard(wanted)) return nullptr;
  for (const std::string& version : versions) {
    if (VersionFits(wanted, version)) return &version;
  }
  return nullptr;
}

std::shared_ptr<const CodeSystem> Terminology::System(std::string_view url, std::string_view version) const {
  const std::vector<std::string> versions = source_->Versions("CodeSystem", url);
  const std::string* picked = PickVersion(versions, version);
  return picked == nullptr ? nullptr : SystemWith(std::string(url), *picked, {});
}

TxAnswer<std::shared_ptr<const CodeSystem>> Terminology::SystemSupplemented(std::string_view url, std::string_view version,
                                                                           const std::vector<std::string>& supplements) const {
  std::map<std::string, std::vector<std::string>, std::less<>> sorted;
  if (auto failure = SortSupplements(*source_, supplements, sorted)) return *std::move(failure);
  const std::vector<std::string> versions = source_->Versions("CodeSystem", url);
  const std::string* picked = PickVersion(versions, version);
  if (picked == nullptr) return std::shared_ptr<const CodeSystem>();
  const auto own = sorted.find(url);
  return SystemWith(std::string(url), *picked, own == sorted.end() ? std::vector<std::string>() : own->second);
}

// `version` is one of those that there are; `supplements` are canonicals, and of those that supplement this system.
std::shared_ptr<const CodeSystem> Terminology::SystemWith(const std::string& url, const std::string& version,
                                                          const std::vector<std::string>& supplements) const {
  if (below_ != nullptr) {
    const std::vector<std::string> own = own_->Versions("CodeSystem", url);
    const bool here = std::find(own.begin(), own.end(), version) != own.end();
    const bool supplemented_here = std::any_of(supplements.begin(), supplements.end(), [this](const std::string& canonical) {
      return !own_->Versions("CodeSystem", Canonical::Of(canonical).url).empty();
    });
    if (!here && !supplemented_here) return below_->SystemWith(url, version, supplements);
  }
  std::string key = url + "|" + version;
  for (const std::string& supplement : supplements) key.append("\n").append(supplement);
  const uint64_t generation = source_->Generation();
  {
    const std::lock_guard<std::mutex> held(cache_->mutex);
    cache_->Renew(generation);
    if (auto found = cache_->systems.Find(key)) return found;
  }
  // Of versions that are asked for by their very name, "" is the one without: Find would take that for the latest.
  std::shared_ptr<const base::JsonValue> resource = source_->Find("CodeSystem", url, version);
  if (resource == nullptr) return nullptr;
  std::vector<std::shared_ptr<const base::JsonValue>> extras;
  for (const std::string& supplement : supplements) {
    const Canonical canonical = Canonical::Of(supplement);
    if (auto found = source_->Find("CodeSystem", canonical.url, canonical.version)) extras.push_back(std::move(found));
  }
  std::shared_ptr<const CodeSystem> compiled = CodeSystem::Compile(*resource, extras);
  const std::lock_guard<std::mutex> held(cache_->mutex);
  if (cache_->generation == generation) cache_->systems.Keep(key, compiled, compiled->bytes() + key.size());
  return compiled;
}

std::shared_ptr<const base::JsonValue> Terminology::Map(const std::string& url, const std::string& version) const {
  if (below_ != nullptr && own_->Versions("ConceptMap", url).empty()) return below_->Map(url, version);
  const std::string key = url + "|" + version;
  const uint64_t generation = source_->Generation();
  {
    const std::lock_guard<std::mutex> held(cache_->mutex);
    cache_->Renew(generation);
    if (auto found = cache_->maps.Find(key)) return found;
  }
  std::shared_ptr<const base::JsonValue> map = source_->Find("ConceptMap", url, version);
  if (map == nullptr) return nullptr;
  size_t elements = 1;
  for (const base::JsonValue& group : (*map)["group"].items()) elements += 1 + group["element"].items().size();
  const std::lock_guard<std::mutex> held(cache_->mutex);
  if (cache_->generation == generation && key.size() <= kCacheKeyBytesMax) cache_->maps.Keep(key, map, elements);
  return map;
}

namespace {

void AppendRules(std::string& key, char name, const std::vector<SystemVersion>& rules) {
  for (const auto& [system, version] : rules) key.append(1, '\n').append(1, name).append(system).append("|").append(version);
}

}  // namespace

TxAnswer<std::shared_ptr<const ResolvedValueSet>> Terminology::Resolve(const ValueSetChoice& choice, const VersionRules& rules,
                                                                       const TxCoding* preferred) const {
  if (choice.resource != nullptr) return Resolver(*this, rules, preferred).Run(choice);
  std::string key = choice.url + "|" + choice.version;
  AppendRules(key, 'd', rules.defaults);
  AppendRules(key, 'c', rules.checks);
  AppendRules(key, 'f', rules.forces);
  AppendRules(key, 'v', rules.value_sets);
  for (const std::string& supplement : rules.supplements) key.append("\ns").append(supplement);
  if (preferred != nullptr && !preferred->version.empty()) AppendRules(key, 'p', {{preferred->system, preferred->version}});
  const uint64_t generation = source_->Generation();
  {
    const std::lock_guard<std::mutex> held(cache_->mutex);
    cache_->Renew(generation);
    if (auto found = cache_->value_sets.Find(key)) return found;
  }
  auto resolved = Resolver(*this, rules, preferred).Run(choice);
  if (!resolved.ok()) return resolved;
  const std::lock_guard<std::mutex> held(cache_->mutex);
  if (cache_->generation == generation && key.size() <= kCacheKeyBytesMax) cache_->value_sets.Keep(key, *resolved.value, (*resolved.value)->bytes());
  return resolved;
}

}  // namespace heyi::conformance
