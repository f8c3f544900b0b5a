#include "exchange/transform.h"

#include <map>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "base/digest.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "interaction/access.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/json.h"
#include "mapping/fml/parse.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::Result;
using mapping::CompiledMap;
using mapping::StructureMap;

constexpr uint64_t kStepsMax = 10'000'000;  // of one request
constexpr size_t kNodesMax = 2'000'000;
constexpr size_t kKeptMax = 64;             // compiled maps
constexpr size_t kInlineMax = 200;          // maps and models that a request brings

// A canonical taken apart.
std::pair<std::string_view, std::string_view> UrlAndVersion(std::string_view canonical) {
  const size_t bar = canonical.find('|');
  if (bar == std::string_view::npos) return {canonical, {}};
  return {canonical.substr(0, bar), canonical.substr(bar + 1)};
}

// What the request brings, and below it what is known.
class RequestSource : public mapping::FmlSource {
 public:
  explicit RequestSource(const KnownCanonicals& known) : known_(known) {}

  mapping::MemoryFmlSource own;

  std::vector<std::shared_ptr<const StructureMap>> Maps(std::string_view canonical) const override {
    auto found = own.Maps(canonical);
    const auto [url, version] = UrlAndVersion(canonical);
    if (url.find('*') == std::string_view::npos) {
      if (found.empty()) Add(url, version, found);
      return found;
    }
    for (const std::string& one : known_.Urls("StructureMap")) {
      if (mapping::FitsPattern(url, one) && own.Maps(one).empty()) Add(one, {}, found);
    }
    return found;
  }

  std::shared_ptr<const JsonValue> Find(std::string_view type, std::string_view canonical) const override {
    if (auto found = own.Find(type, canonical)) return found;
    const auto [url, version] = UrlAndVersion(canonical);
    return known_.Find(type, url, version);
  }

 private:
  // One that cannot be read is as if it were not there: what needs it says so.
  void Add(std::string_view url, std::string_view version,
      std::vector<std::shared_ptr<const StructureMap>>& out) const {
    const auto json = known_.Find("StructureMap", url, version);
    if (json == nullptr) return;
    auto map = mapping::ReadStructureMap(*json);
    if (map.ok()) out.push_back(std::make_shared<const StructureMap>(std::move(*map)));
  }

  const KnownCanonicals& known_;
};

// The parameters of one call, from a Parameters resource or a bare body.
struct Asked {
  std::string source;
  const JsonValue* content = nullptr;
  std::string_view content_text;
  std::vector<const JsonValue*> maps, supporting, models;
  std::vector<std::string_view> texts;

  static Result<Asked> Of(const interaction::OperationCall& call) {
    Asked asked;
    for (const auto& [name, value] : call.query) {
      if (name == "source") asked.source = value;
    }
    if (call.json == nullptr) return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "content");
    if (call.json->StringAt("resourceType") != "Parameters") {
      asked.content = call.json;
      return asked;
    }
    size_t brought = 0;
    for (const JsonValue& parameter : (*call.json)["parameter"].items()) {
      const std::string_view name = parameter.StringAt("name");
      const JsonValue* resource = parameter.Find("resource");
      std::string_view text = parameter.StringAt("valueString");
      if (name == "source" || name == "sourceUrl") {
        for (const std::string_view type : {"valueUri", "valueUrl", "valueCanonical", "valueString"}) {
          if (!parameter.StringAt(type).empty()) asked.source = parameter.StringAt(type);
        }
      } else if (name == "content" || name == "resource") {
        asked.content = resource;
        asked.content_text = text;
      } else if ((name == "map" || name == "sourceMap") && resource != nullptr) {
        asked.maps.push_back(resource);
      } else if (name == "supportingMap" && resource != nullptr) {
        asked.supporting.push_back(resource);
      } else if ((name == "map" || name == "sourceMap" || name == "srcMap" || name == "supportingMap") &&
          !text.empty()) {
        asked.texts.push_back(text);
      } else if (name == "model" && resource != nullptr) {
        asked.models.push_back(resource);
      } else {
        return Error(ErrorKind::kMalformed, "interaction.parameters", {}, name);
      }
      if (++brought > kInlineMax) return Error(ErrorKind::kTooLarge, "interaction.parameters", {}, name);
    }
    if (asked.content == nullptr && asked.content_text.empty()) {
      return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "content");
    }
    return asked;
  }
};

class Transform : public interaction::Operation {
 public:
  explicit Transform(std::shared_ptr<const KnownCanonicals> known) : known_(std::move(known)) {}

  std::string_view name() const override { return "transform"; }
  std::string_view definition() const override { return "http://hl7.org/fhir/OperationDefinition/StructureMap-transform"; }
  std::string_view type() const override { return "StructureMap"; }
  unsigned levels() const override {
    return static_cast<unsigned>(interaction::Level::kType) | static_cast<unsigned>(interaction::Level::kInstance);
  }
  bool changes() const override { return false; }
  bool takes_json() const override { return true; }

  Result<interaction::OperationAnswer> Run(interaction::Plan& plan,
      const interaction::OperationCall& call) const override {
    HEYI_TRY(asked, Asked::Of(call));
    HEYI_TRY(map, MapFor(plan, call, asked));
    const auto inputs = map->inputs();
    const fhir::Type* type = nullptr;
    for (const CompiledMap::Input& input : inputs) {
      if (input.mode == StructureMap::InputMode::kSource && type == nullptr) type = input.type;
    }
    HEYI_TRY(content, Content(asked, *map, type));
    std::string text;
    fhir::AppendJson(content.tree.root(), text);
    const std::vector<fhir::Node> roots = {content.tree.root()};
    const fhir::LocalEvalContext world(plan.context().clock.NowMs());
    mapping::FmlRunOptions options;
    options.now_ms = plan.context().clock.NowMs();
    options.seed = base::ToHex(base::Sha256(text));  // the same content, the same ids
    options.steps_max = kStepsMax;
    options.nodes_max = kNodesMax;
    options.world = &world;
    HEYI_TRY(answer, map->Run(roots, options));
    return Told(answer, *map, plan.definitions());
  }

 private:
  // The map that is asked for, compiled; those that only name what is known are kept.
  Result<std::shared_ptr<const CompiledMap>> MapFor(interaction::Plan& plan, const interaction::OperationCall& call,
      const Asked& asked) const {
    RequestSource source(*known_);
    std::optional<StructureMap> first;
    const auto take = [&](Result<StructureMap> map, bool may_be_first) -> Result<base::Done> {
      if (!map.ok()) return std::move(map).error();
      if (may_be_first && !first) first = *map;
      source.own.AddMap(std::move(*map));
      return base::Done{};
    };
    for (const JsonValue* map : asked.maps) HEYI_CHECK(take(mapping::ReadStructureMap(*map), true));
    for (size_t i = 0; i < asked.texts.size(); ++i) {
      HEYI_CHECK(take(mapping::ParseFml(fmt::format("map{}", i + 1), asked.texts[i]), true));
    }
    for (const JsonValue* map : asked.supporting) HEYI_CHECK(take(mapping::ReadStructureMap(*map), false));
    for (const JsonValue* model : asked.models) source.own.AddResource(*model);
    if (!call.id.empty()) {
      HEYI_TRY(stored, Stored(plan, call));
      return Compiled(stored, plan.definitions(), source);
    }
    if (!asked.source.empty()) {
      const bool plain = asked.maps.empty() && asked.texts.empty() && asked.supporting.empty() && asked.models.empty();
      return plain ? Kept(asked.source, plan.definitions(), source) : Named(asked.source, plan.definitions(), source);
    }
    if (!first) return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "source");
    return Compiled(*first, plan.definitions(), source);
  }

  static Result<std::shared_ptr<const CompiledMap>> Compiled(const StructureMap& map,
      const fhir::Definitions& definitions, const RequestSource& source) {
    HEYI_TRY(compiled, CompiledMap::Compile(map, definitions, source));
    return std::make_shared<const CompiledMap>(std::move(compiled));
  }

  Result<std::shared_ptr<const CompiledMap>> Named(const std::string& canonical, const fhir::Definitions& definitions,
      const RequestSource& source) const {
    const auto [url, version] = UrlAndVersion(canonical);
    const auto own = source.own.Maps(url);
    if (!own.empty() && url.find('*') == std::string_view::npos) return Compiled(*own[0], definitions, source);
    const auto json = known_->Find("StructureMap", url, version);
    if (json == nullptr) return Error(ErrorKind::kNotFound, "fml.unknown-map", {}, canonical);
    HEYI_TRY(map, mapping::ReadStructureMap(*json));
    return Compiled(map, definitions, source);
  }

  Result<std::shared_ptr<const CompiledMap>> Kept(const std::string& canonical, const fhir::Definitions& definitions,
      const RequestSource& source) const {
    // Asked first: what becomes known while the map is compiled has another number.
    const uint64_t generation = known_->Generation();
    {
      const std::lock_guard lock(mutex_);
      if (generation_ != generation || kept_.size() >= kKeptMax) kept_.clear();
      generation_ = generation;
      if (const auto found = kept_.find(canonical); found != kept_.end()) return found->second;
    }
    HEYI_TRY(made, Named(canonical, definitions, source));
    const std::lock_guard lock(mutex_);
    // Reading the first time may itself raise the number.
    if (known_->Generation() == generation) kept_[canonical] = made;
    return made;
  }

  static Result<StructureMap> Stored(interaction::Plan& plan, const interaction::OperationCall& call) {
    const std::string name = call.type->name + "/" + call.id;
    HEYI_TRY(record, plan.snapshot().Current(*call.type, call.id));
    if (!record || !interaction::MayRead(plan.services(), plan.context().caller, policy::Action::kRead, *call.type,
        record->label)) {
      return Error(ErrorKind::kNotFound, "interaction.not-found", {}, name);
    }
    if (record->deleted) return Error(ErrorKind::kGone, "interaction.deleted", {}, name);
    HEYI_TRY(text, plan.snapshot().Json(*record));
    HEYI_TRY(json, base::ParseJson(std::move(text)));
    return mapping::ReadStructureMap(json);
  }

  // The content as an instance: a resource or logical instance, text of either form, or a Binary that holds one.
  static Result<mapping::FmlInstance> Content(const Asked& asked, const CompiledMap& map, const fhir::Type* type) {
    if (asked.content == nullptr) return OfText(std::string(asked.content_text), map, type);
    const bool packed = asked.content->StringAt("resourceType") == "Binary" &&
        (type == nullptr || type->name != "Binary") &&
                        !asked.content->StringAt("data").empty();
    if (!packed) return mapping::ReadJsonInstance(*asked.content, map.models(), type);
    std::string bytes;
    if (!base::FromBase64(asked.content->StringAt("data"), &bytes)) {
      return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "Binary.data");
    }
    return OfText(std::move(bytes), map, type);
  }

  static Result<mapping::FmlInstance> OfText(std::string text, const CompiledMap& map, const fhir::Type* type) {
    const size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    const bool xml = start != std::string::npos && text[start] == '<';
    return xml ? mapping::ReadXmlInstance(std::move(text), map.models(), type)
        : mapping::ReadJsonInstance(std::move(text), map.models(), type);
  }

  // The first target; without one what was made, several in a Bundle.
  static Result<interaction::OperationAnswer> Told(const mapping::FmlAnswer& answer, const CompiledMap& map,
      const fhir::Definitions& definitions) {
    std::vector<std::string> texts;
    const auto add = [&](const mapping::FmlInstance& instance) -> Result<base::Done> {
      std::string text;
      fhir::AppendJson(instance.tree.root(), text);
      // What says that it is a resource of R4 has to be one.
      const fhir::Type* type = instance.tree.root().type();
      if (type != nullptr && type->is_resource() && !map.models().IsOwn(type)) {
        auto checked = fhir::ParseResource(text, definitions);
        if (!checked.ok()) return Error(ErrorKind::kInvalid, std::move(checked).error().outcome);
      }
      texts.push_back(std::move(text));
      return base::Done{};
    };
    if (!answer.targets.empty()) {
      HEYI_CHECK(add(answer.targets[0]));
    } else {
      for (const mapping::FmlInstance& instance : answer.produced) HEYI_CHECK(add(instance));
    }
    if (texts.size() == 1) return interaction::OperationAnswer{std::move(texts[0])};
    std::string bundle = R"({"resourceType":"Bundle","type":"collection")";
    for (size_t i = 0; i < texts.size(); ++i) {
      bundle += fmt::format("{}{{\"resource\":{}}}", i == 0 ? ",\"entry\":[" : ",", texts[i]);
    }
    return interaction::OperationAnswer{bundle + (texts.empty() ? "}" : "]}")};
  }

  const std::shared_ptr<const KnownCanonicals> known_;
  mutable std::mutex mutex_;
  mutable uint64_t generation_ = 0;
  mutable std::map<std::string, std::shared_ptr<const CompiledMap>> kept_;
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeTransform(std::shared_ptr<const KnownCanonicals> known) {
  return std::make_unique<Transform>(std::move(known));
}

}  // namespace heyi::exchange
