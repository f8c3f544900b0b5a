#include "adapters/health/v2/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "adapters/health/v2/escapes.h"
#include "adapters/health/v2/limits.h"
#include "adapters/health/v2/versions.h"
#include "adapters/times.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;

// The order in which a message's segments stand; those that are not named here follow as the record has them.
constexpr std::string_view kOrder[] = {"EVN", "PID", "PD1", "ROL", "NK1", "PV1", "PV2", "DB1", "OBX", "AL1", "DG1", "DRG", "PR1", "GT1", "IN1"};

// The structure of an event (MSH-9.3) where it is not named like the event itself (table 0354).
struct Structure {
  std::string_view event, name;
};
constexpr Structure kStructures[] = {{"A04", "ADT_A01"}, {"A08", "ADT_A01"}, {"A13", "ADT_A01"}, {"A11", "ADT_A09"}};

class SegmentWriter {
 public:
  SegmentWriter() : converter_(base::Charset::kUtf8) {}

  std::string Write(std::string_view name, const JsonValue& segment) {
    std::string text(name);
    for (const std::string& field : Parts(segment, kV2FieldsMax, [this](const JsonValue& value) { return Field(value); })) {
      text.append(1, d_.field).append(field);
    }
    return text + "\r";
  }

 private:
  std::string Field(const JsonValue& value) {
    if (!value.is_array()) return Repetition(value);
    std::string text;
    for (size_t i = 0; i < value.items().size(); ++i) text.append(i == 0 ? "" : std::string(1, d_.repetition)).append(Repetition(value.items()[i]));
    return text;
  }

  std::string Repetition(const JsonValue& value) {
    if (!value.is_object()) return EscapeV2(value.text(), d_, converter_);
    return Joined(Parts(value, kV2ComponentsMax, [this](const JsonValue& part) { return Component(part); }), d_.component);
  }

  std::string Component(const JsonValue& value) {
    if (!value.is_object()) return EscapeV2(value.text(), d_, converter_);
    return Joined(Parts(value, kV2ComponentsMax, [this](const JsonValue& part) { return EscapeV2(part.text(), d_, converter_); }), d_.subcomponent);
  }

  // The members by their numbers, what lies between them empty.
  template <typename Write>
  static std::vector<std::string> Parts(const JsonValue& object, uint64_t most, const Write& write) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : object.members()) {
      uint64_t number = 0;
      if (!base::ParseUnsigned(name, &number) || number == 0 || number > most) continue;
      if (parts.size() < number) parts.resize(static_cast<size_t>(number));
      parts[static_cast<size_t>(number) - 1] = write(value);
    }
    return parts;
  }

  static std::string Joined(const std::vector<std::string>& parts, char separator) {
    std::string text;
    for (size_t i = 0; i < parts.size(); ++i) text.append(i == 0 ? "" : std::string(1, separator)).append(parts[i]);
    return text;
  }

  const V2Delimiters d_;
  base::CharsetConverter converter_;
};

size_t PlaceInOrder(std::string_view name) { return static_cast<size_t>(std::find(std::begin(kOrder), std::end(kOrder), name) - std::begin(kOrder)); }

std::string StructureOf(std::string_view type, std::string_view event) {
  for (const Structure& structure : kStructures) {
    if (type == "ADT" && structure.event == event) return std::string(structure.name);
  }
  return fmt::format("{}_{}", type, event);
}

}  // namespace

std::string WriteV2Message(const Adapter::Outgoing& outgoing) {
  const V2Delimiters d;
  base::CharsetConverter converter(base::Charset::kUtf8);
  const auto escaped = [&](std::string_view text) { return EscapeV2(text, d, converter); };
  const size_t hat = outgoing.type.find('^');
  const std::string type = outgoing.type.substr(0, hat), event = hat == std::string::npos ? std::string() : outgoing.type.substr(hat + 1);
  const std::string now = FormatCompactSeconds(outgoing.now_ms);
  std::string text = fmt::format("MSH|^~\\&|HEYI|{}|||{}||{}^{}^{}|{}|{}|{}|||||CHN|UNICODE UTF-8\r", escaped(outgoing.sender), now, escaped(type),
                                 escaped(event), escaped(StructureOf(type, event)), escaped(outgoing.id), kV2ProcessingId, kV2WrittenVersion);
  std::vector<std::pair<std::string_view, const JsonValue*>> segments;
  for (const auto& [name, value] : outgoing.record.members()) {
    if (value.is_array()) {
      for (const JsonValue& item : value.items()) segments.emplace_back(name, &item);
    } else if (value.is_object()) {
      segments.emplace_back(name, &value);
    }
  }
  std::stable_sort(segments.begin(), segments.end(), [](const auto& a, const auto& b) { return PlaceInOrder(a.first) < PlaceInOrder(b.first); });
  if (outgoing.record.Find("EVN") == nullptr) text += fmt::format("EVN||{}\r", now);
  SegmentWriter writer;
  for (const auto& [name, segment] : segments) text += writer.Write(name, *segment);
  return text;
}

}  // namespace heyi::adapters
