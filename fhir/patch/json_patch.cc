#include "fhir/patch/json_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "fhir/path/decimal.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::Result;

using Pointer = std::vector<std::string>;  // RFC 6901, taken apart

std::optional<Pointer> ReadPointer(std::string_view text) {
  Pointer pointer;
  if (text.empty()) return pointer;
  if (text.front() != '/') return std::nullopt;
  for (std::string_view token : base::Split(text.substr(1), '/')) {
    std::string plain;
    for (size_t i = 0; i < token.size(); ++i) {
      if (token[i] != '~') {
        plain += token[i];
        continue;
      }
      const char escaped = ++i < token.size() ? token[i] : '\0';
      if (escaped != '0' && escaped != '1') return std::nullopt;
      plain += escaped == '0' ? '~' : '/';
    }
    pointer.push_back(std::move(plain));
  }
  return pointer;
}

// Digits without leading zeros, below `end`.
std::optional<size_t> ReadIndex(std::string_view token, size_t end) {
  uint64_t index = 0;
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  if (token.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (!base::ParseUnsigned(token, &index) || index >= end) return std::nullopt;
  return static_cast<size_t>(index);
}

struct Size {
  uint64_t values = 0;
  uint64_t bytes = 0;  // of its JSON, about
  uint32_t depth = 1;
};

class Patching {
 public:
  Patching(JsonValue& root, const PatchLimits& limits) : root_(root), limits_(limits), work_(limits.work_max) {}

  Result<Done> Run(const JsonValue& patch) {
    if (!patch.is_array()) return Error(ErrorKind::kMalformed, "patch.body");
    if (patch.items().size() > limits_.operations_max) {
      return Error(ErrorKind::kTooLarge, "patch.too-costly", {},
                   fmt::format("more than {} operations", limits_.operations_max));
    }
    HEYI_CHECK(CountIn(SizeOf(root_), 0));
    for (const JsonValue& operation : patch.items()) {
      HEYI_CHECK(Apply(operation));
      ++position_;
    }
    return Done{};
  }

 private:
  // One level of recursion a level of the document, which the reader and CountIn keep within depth_max.
  static Size SizeOf(const JsonValue& value) {
    Size size{1, value.text().size() + 3, 1};
    uint32_t below = 0;
    const auto add = [&](const JsonValue& child) {
      const Size inside = SizeOf(child);
      size.values += inside.values;
      size.bytes += inside.bytes;
      below = std::max(below, inside.depth);
    };
    for (const auto& [name, member] : value.members()) {
      size.bytes += name.size() + 3;
      add(member);
    }
    for (const JsonValue& item : value.items()) add(item);
    size.depth += below;
    return size;
  }

  // What is added counts, what goes away is not given back: the sum bounds memory at every moment.
  Result<Done> CountIn(const Size& size, size_t at_depth) {
    values_ += size.values;
    bytes_ += size.bytes;
    if (values_ > limits_.values_max || bytes_ > 2 * limits_.result_bytes_max) return TooCostly("size");
    if (size.depth + at_depth > limits_.depth_max) return TooCostly("depth");
    return Spend(size.values + size.bytes / 64);
  }

  Result<Done> Spend(uint64_t amount) {
    if (work_.Spend(amount)) return Done{};
    return TooCostly("work");
  }

  Error TooCostly(std::string_view of) const { return Bad(ErrorKind::kTooLarge, "patch.too-costly", of); }
  Error Bad(ErrorKind kind, std::string_view rule, std::string_view detail) const {
    return Error(kind, rule, {}, fmt::format("{} (operation {})", detail.substr(0, kDetailBytesMax), position_));
  }

  Result<Done> Apply(const JsonValue& operation) {
    if (!operation.is_object()) return Bad(ErrorKind::kMalformed, "patch.operation", "no object");
    const JsonValue& op = operation["op"];
    if (!op.is_string()) return Bad(ErrorKind::kMalformed, "patch.member", "op");
    HEYI_TRY(path, PointerAt(operation, "path"));
    const std::string& verb = op.text();
    if (verb == "remove") return Remove(path);
    if (verb == "move" || verb == "copy") {
      HEYI_TRY(from, PointerAt(operation, "from"));
      return verb == "move" ? Move(from, path) : Copy(from, path);
    }
    if (verb != "add" && verb != "replace" && verb != "test") {
      return Bad(ErrorKind::kMalformed, "patch.operation", verb);
    }
    const JsonValue* value = operation.Find("value");
    if (value == nullptr) return Bad(ErrorKind::kMalformed, "patch.member", "value");
    if (verb == "test") return Test(path, *value);
    HEYI_CHECK(CountIn(SizeOf(*value), path.size()));
    if (verb == "add") return Add(path, *value);
    HEYI_TRY(target, Find(path));
    *target = *value;
    return Done{};
  }

  Result<Pointer> PointerAt(const JsonValue& operation, std::string_view name) const {
    const JsonValue& member = operation[name];
    if (!member.is_string()) return Bad(ErrorKind::kMalformed, "patch.member", name);
    std::optional<Pointer> pointer = ReadPointer(member.text());
    if (!pointer) return Bad(ErrorKind::kMalformed, "patch.pointer", member.text());
    return std::move(*pointer);
  }

  Error NoTarget(const Pointer& pointer) const {
    std::string text;
    for (size_t i = 0; i < pointer.size() && text.size() < kDetailBytesMax; ++i) text += '/' + pointer[i];
    return Bad(ErrorKind::kInvalid, "patch.no-target", text);
  }

  // The value that the first `length` tokens point to.
  Result<JsonValue*> Find(const Pointer& pointer, size_t length) {
    JsonValue* at = &root_;
    for (size_t i = 0; i < length; ++i) {
      if (at->is_array()) {
        const std::optional<size_t> index = ReadIndex(pointer[i], at->items().size());
        if (!index) return NoTarget(pointer);
        at = &at->items()[*index];
      } else {
        HEYI_CHECK(Spend(1 + at->members().size()));
        at = at->Find(pointer[i]);
        if (at == nullptr) return NoTarget(pointer);
      }
    }
    return at;
  }
  Result<JsonValue*> Find(const Pointer& pointer) { return Find(pointer, pointer.size()); }

  Result<Done> Add(const Pointer& path, JsonValue value) {
    if (path.empty()) {
      root_ = std::move(value);
      return Done{};
    }
    HEYI_TRY(parent, Find(path, path.size() - 1));
    const std::string& last = path.back();
    if (parent->is_object()) {
      HEYI_CHECK(Spend(1 + parent->members().size()));
      parent->Set(last, std::move(value));
      return Done{};
    }
    if (!parent->is_array()) return NoTarget(path);
    std::vector<JsonValue>& items = parent->items();
    const std::optional<size_t> index = last == "-" ? items.size() : ReadIndex(last, items.size() + 1);
    if (!index) return Bad(ErrorKind::kInvalid, "patch.index", last);
    HEYI_CHECK(Spend(1 + items.size() - *index));
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return Done{};
  }

  // Takes the value out.
  Result<JsonValue> Take(const Pointer& path) {
    if (path.empty()) return Bad(ErrorKind::kInvalid, "patch.no-target", "the whole document stays");
    HEYI_TRY(parent, Find(path, path.size() - 1));
    if (parent->is_array()) {
      std::vector<JsonValue>& items = parent->items();
      const std::optional<size_t> index = ReadIndex(path.back(), items.size());
      if (!index) return NoTarget(path);
      HEYI_CHECK(Spend(items.size() - *index));
      JsonValue taken = std::move(items[*index]);
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(*index));
      return taken;
    }
    std::vector<JsonValue::Member>& members = parent->members();
    HEYI_CHECK(Spend(1 + members.size()));
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const auto& member) { return member.first == path.back(); });
    if (found == members.end()) return NoTarget(path);
    JsonValue taken = std::move(found->second);
    members.erase(found);
    return taken;
  }

  Result<Done> Remove(const Pointer& path) {
    HEYI_CHECK(Take(path));
    return Done{};
  }

  Result<Done> Move(const Pointer& from, const Pointer& path) {
    if (from == path) {
      HEYI_CHECK(Find(from));
      return Done{};
    }
    const bool inside = from.size() < path.size() && std::equal(from.begin(), from.end(), path.begin());
    if (inside) return Bad(ErrorKind::kMalformed, "patch.into-itself", path.back());
    HEYI_TRY(taken, Take(from));
    if (path.size() > from.size()) HEYI_CHECK(CheckDepth(taken, path.size()));
    return Add(path, std::move(taken));
  }

  Result<Done> CheckDepth(const JsonValue& value, size_t at_depth) {
    const Size size = SizeOf(value);
    HEYI_CHECK(Spend(size.values));
    if (size.depth + at_depth > limits_.depth_max) return TooCostly("depth");
    return Done{};
  }

  Result<Done> Copy(const Pointer& from, const Pointer& path) {
    HEYI_TRY(source, Find(from));
    HEYI_CHECK(CountIn(SizeOf(*source), path.size()));
    return Add(path, JsonValue(*source));
  }

  Result<Done> Test(const Pointer& path, const JsonValue& value) {
    HEYI_TRY(target, Find(path));
    HEYI_TRY(same, Same(*target, value));
    if (same) return Done{};
    return Bad(ErrorKind::kInvalid, "patch.test-failed", path.empty() ? "" : path.back());
  }

  Result<bool> Same(const JsonValue& a, const JsonValue& b) {
    HEYI_CHECK(Spend(1 + a.text().size() / 64));
    const bool same_shape = a.kind() == b.kind() && a.members().size() == b.members().size() &&
                            a.items().size() == b.items().size();
    if (!same_shape) return false;
    if (a.is_number()) return a.text() == b.text() || CompareNumberTexts(a.text(), b.text()) == 0;
    if (a.text() != b.text()) return false;
    for (const auto& [name, member] : a.members()) {
      HEYI_CHECK(Spend(b.members().size()));
      const JsonValue* other = b.Find(name);
      if (other == nullptr) return false;
      HEYI_TRY(same, Same(member, *other));
      if (!same) return false;
    }
    for (size_t i = 0; i < a.items().size(); ++i) {
      HEYI_TRY(same, Same(a.items()[i], b.items()[i]));
      if (!same) return false;
    }
    return true;
  }

  static constexpr size_t kDetailBytesMax = 120;

  JsonValue& root_;
  const PatchLimits& limits_;
  PatchWork work_;
  uint64_t values_ = 0;
  uint64_t bytes_ = 0;
  size_t position_ = 0;  // of the operation at hand
};

}  // namespace

Result<JsonValue> ApplyJsonPatch(JsonValue document, const JsonValue& patch, const PatchLimits& limits) {
  HEYI_CHECK(Patching(document, limits).Run(patch));
  return document;
}

}  // namespace heyi::fhir
