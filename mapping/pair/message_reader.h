// Values of a message by the sources of a map, with where they stood.
#pragma once

#include <string>
#include <vector>

#include "adapters/message.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {

struct Origin {
  std::string path;   // "input.diseinfo[0].diag_code"
  size_t begin = 0;
};

struct MessageValue {
  std::string text;              // normalised; empty = absent
  std::vector<Origin> origins;   // none for literals

  bool present() const { return !text.empty(); }
  std::string where() const { return origins.empty() ? std::string() : origins.front().path; }
};

// An item of a list of the record; none = the record as a whole.
struct Scope {
  std::string list;              // "diseinfo"
  size_t position = 0;
  const base::JsonValue* item = nullptr;
};

class MessageReader {
 public:
  MessageReader(const MapProgram& program, const adapters::Message& message) : program_(program), message_(message) {}

  MessageValue Read(const Source& source, const Scope& scope) const;
  bool Holds(const Guard& guard, const Scope& scope) const;

  // "input.diseinfo[2]"
  std::string PlaceOf(const Scope& scope) const;

  // The items of a list of the record; null where it is absent.
  const base::JsonValue* List(std::string_view name) const;

  // Paths of the record's fields that the model does not know, which no rule can have read; at most kUnreadMax.
  std::vector<std::string> UnknownFields() const;

 private:
  MessageValue ReadLet(const Let& let, const Scope& scope) const;
  void CollectUnknown(const base::JsonValue& object, const std::string& level, const std::string& place,
                      std::vector<std::string>& unknown) const;

  const MapProgram& program_;
  const adapters::Message& message_;
};

}  // namespace heyi::mapping
