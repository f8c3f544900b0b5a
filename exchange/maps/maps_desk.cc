#include "exchange/maps/maps_desk.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "exchange/maps/dry_run.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

class MapsDesk : public Desk {
 public:
  MapsDesk(const interaction::Services& services, MapShelf& shelf) : services_(services), shelf_(shelf) {}
  std::string_view name() const override { return "maps"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context& context, audit::Leaf& leaf) override {
    const std::vector<std::string>& path = call.path;
    leaf.message_id = fmt::format("{}", fmt::join(path, "/"));
    if (call.method == "GET" && path.empty()) return List();
    if (call.method == "GET" && path.size() == 2) return Show(path[0], path[1], QueryValue(call.query, "version"));
    if (call.method != "POST") return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    auto parsed = base::ParseJson(call.body);
    if (!parsed.ok() || !parsed->is_object()) return Error(ErrorKind::kMalformed, "exchange.order", {}, "a JSON object");
    const JsonValue& body = *parsed;
    if (path.empty()) return Install(body, context);
    if (path.size() == 1 && path[0] == "replay") return Replay(body, context);
    if (path.size() == 2) {
      HEYI_TRY(active, shelf_.Activate(path[0], FirstType(path[0], path[1]), body.StringAt("version"), context));
      return Told(active);
    }
    return Error(ErrorKind::kNotFound, "exchange.unknown-map", {}, leaf.message_id);
  }

 private:
  // A map goes by the first type that it reads.
  std::string FirstType(std::string_view department, std::string_view type) const {
    const auto maps = shelf_.maps().Current();
    const mapping::PairMap* map = maps->Find(department, type);
    return map == nullptr ? std::string(type) : map->message_type();
  }

  base::Result<DeskAnswer> List() const {
    JsonValue list = JsonValue::Array();
    const auto maps = shelf_.maps().Current();
    for (const auto& map : maps->maps()) {
      JsonValue row = JsonValue::Object();
      row.Set("department", JsonValue::OfString(map->department()));
      JsonValue types = JsonValue::Array();
      for (const std::string& type : map->types()) types.Append(JsonValue::OfString(type));
      row.Set("types", std::move(types));
      row.Set("name", JsonValue::OfString(map->name()));
      row.Set("version", JsonValue::OfString(map->version()));
      HEYI_TRY(known, shelf_.Versions(map->department(), map->message_type()));
      JsonValue versions = JsonValue::Array();
      for (const MapShelf::Version& version : known) {
        JsonValue one = JsonValue::Object();
        one.Set("version", JsonValue::OfString(version.version));
        one.Set("client", JsonValue::OfString(version.client));
        one.Set("installed", JsonValue::OfInteger(version.installed_ms));
        one.Set("in_force", JsonValue::OfBool(version.in_force));
        versions.Append(std::move(one));
      }
      row.Set("versions", std::move(versions));
      list.Append(std::move(row));
    }
    JsonValue answer = JsonValue::Object();
    answer.Set("maps", std::move(list));
    return DeskAnswer{200, base::WriteJson(answer)};
  }

  base::Result<DeskAnswer> Show(std::string_view department, std::string_view type, std::string_view version) const {
    const auto maps = shelf_.maps().Current();
    const mapping::PairMap* map = maps->Find(department, type);
    if (map == nullptr) return Error(ErrorKind::kNotFound, "exchange.unknown-map", {}, fmt::format("{}/{}", department, type));
    const std::string wanted(version.empty() ? std::string_view(map->version()) : version);
    HEYI_TRY(text, shelf_.Text(department, map->message_type(), wanted));
    JsonValue answer = JsonValue::Object();
    answer.Set("version", JsonValue::OfString(wanted));
    answer.Set("text", JsonValue::OfString(text));
    return DeskAnswer{200, base::WriteJson(answer)};
  }

  base::Result<DeskAnswer> Install(const JsonValue& body, const base::Context& context) {
    if (body.StringAt("text").empty()) return Error(ErrorKind::kMalformed, "exchange.order", "text", "the text of a map");
    const JsonValue* in_force = body.Find("in_force");
    HEYI_TRY(installed, shelf_.Install(body.StringAt("text"), in_force == nullptr || in_force->is_true(), context));
    return Told(installed);
  }

  static DeskAnswer Told(const MapShelf::Installed& installed) {
    JsonValue answer = JsonValue::Object();
    answer.Set("department", JsonValue::OfString(installed.department));
    answer.Set("type", JsonValue::OfString(installed.type));
    answer.Set("version", JsonValue::OfString(installed.version));
    answer.Set("in_force", JsonValue::OfBool(installed.in_force));
    answer.Set("taken_ms", JsonValue::OfNumber(fmt::format("{:.1f}", installed.taken_ms)));
    return {200, base::WriteJson(answer)};
  }

  base::Result<DeskAnswer> Replay(const JsonValue& body, const base::Context& context) const {
    HEYI_TRY(candidate, shelf_.Compile(body.StringAt("text")));
    const auto maps = shelf_.maps().Current();
    const auto limit = std::strtoull(std::string(body.StringAt("limit")).c_str(), nullptr, 10);
    HEYI_TRY(report, DryRun(services_, candidate, maps->Find(candidate.department(), candidate.message_type()), limit, context));
    return DeskAnswer{200, std::move(report)};
  }

  const interaction::Services& services_;
  MapShelf& shelf_;
};

}  // namespace

std::unique_ptr<Desk> MakeMapsDesk(const interaction::Services& services, MapShelf& shelf) { return std::make_unique<MapsDesk>(services, shelf); }

}  // namespace heyi::exchange
