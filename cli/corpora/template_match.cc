#include "cli/corpora/template_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

bool IsControl(std::string_view name) { return name.starts_with('$'); }

bool Listed(const JsonValue& list, std::string_view name) {
  return std::any_of(list.items().begin(), list.items().end(), [&](const JsonValue& item) { return item.text() == name; });
}

// Also "version:4": left out by servers of R4. What is left out by those of R5 only is wanted here.
bool IsOptional(const JsonValue& wanted) {
  const JsonValue* mark = wanted.Find("$optional$");
  return mark != nullptr && (!mark->text().starts_with("version:") || mark->text() == "version:4");
}

bool OptionalMember(const JsonValue& wanted, std::string_view name) {
  return Listed(wanted["$optional-properties$"], name) || Listed(wanted["$optional$"], name) || Listed(wanted["$optional"], name);
}

std::string Significant(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/' || c == '-' || c == '_' ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (kept) out.push_back(c);
  }
  return out;
}

bool IsUuid(std::string_view text) {
  if (!text.starts_with("urn:uuid:") || text.size() != 45) return false;
  for (size_t i = 9; i < text.size(); ++i) {
    const bool dash = i == 17 || i == 22 || i == 27 || i == 32;
    const char c = text[i];
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

bool HasAll(std::string_view text, std::string_view fragments) {
  const std::string folded = base::AsciiLower(text);
  for (std::string_view fragment : base::Split(fragments, '|')) {
    if (folded.find(base::AsciiLower(fragment)) == std::string::npos) return false;
  }
  return true;
}

bool TextFits(std::string_view wanted, std::string_view got, const TemplateRules& rules) {
  if (wanted.size() < 2 || !wanted.starts_with('$') || !wanted.ends_with('$')) return wanted == got || Significant(wanted) == Significant(got);
  const std::string_view command = wanted.substr(1, wanted.size() - 2);
  if (command.empty()) return true;
  if (command == "uuid") return IsUuid(got);
  if (command == "instant") {
    if (got.size() < 20 || got[4] != '-' || got[10] != 'T') return false;
    const char sign = got[got.size() - 6];
    return got.ends_with('Z') || sign == '+' || sign == '-';
  }
  if (command == "date") return got.size() >= 4 && got.size() <= 35 && got[0] >= '0' && got[0] <= '9';
  if (command == "id" || command == "token" || command == "string" || command == "url") return !got.empty();
  if (command.starts_with("choice:")) {
    const std::vector<std::string_view> choices = base::Split(command.substr(7), '|');
    return std::find(choices.begin(), choices.end(), got) != choices.end();
  }
  if (command.starts_with("fragments:")) return HasAll(got, command.substr(10));
  if (command.starts_with("external:")) {
    const std::string_view rest = command.substr(9);
    const size_t colon = rest.find(':');
    const std::string_view number = rest.substr(0, colon);
    const std::string_view text = rules.externals == nullptr ? std::string_view() : rules.externals->StringAt(number);
    if (!text.empty() && Significant(text) == Significant(got)) return true;
    return colon == std::string_view::npos || HasAll(got, rest.substr(colon + 1));
  }
  return false;
}

class Matcher {
 public:
  explicit Matcher(const TemplateRules& rules) : rules_(rules) {}

  std::string Compare(const JsonValue& wanted, const JsonValue& got, const std::string& path) const {
    if (wanted.is_object()) return got.is_object() ? CompareObjects(wanted, got, path) : fmt::format("{}: no object", path);
    if (wanted.is_array()) return got.is_array() ? CompareLists(wanted, got, path) : fmt::format("{}: no list", path);
    if (wanted.is_string() && got.is_string()) {
      if (TextFits(wanted.text(), got.text(), rules_)) return {};
    } else if (wanted.kind() == got.kind() && wanted.text() == got.text()) {
      return {};
    }
    return fmt::format("{}: \"{}\" instead of \"{}\"", path, got.text(), wanted.text());
  }

 private:
  std::string CompareObjects(const JsonValue& wanted, const JsonValue& got, const std::string& path) const {
    for (const auto& [name, value] : got.members()) {
      const JsonValue* own = wanted.Find(name);
      if (own == nullptr) {
        // `location` is R4's deprecated twin of `expression`; the tests have it or not as they come.
        if (rules_.more_allowed || (name == "location" && got.Find("expression") != nullptr)) continue;
        return fmt::format("{}.{} should not be there: {}", path, name, base::WriteJson(value));
      }
      if (Listed(wanted["$count-arrays$"], name)) {
        if (own->items().size() != value.items().size()) return fmt::format("{}.{}: {} of them", path, name, value.items().size());
        continue;
      }
      if (std::string why = Compare(*own, value, path + "." + name); !why.empty()) return why;
    }
    for (const auto& [name, value] : wanted.members()) {
      const bool all_optional = !value.items().empty() && std::all_of(value.items().begin(), value.items().end(), IsOptional);
      if (IsControl(name) || got.Find(name) != nullptr || OptionalMember(wanted, name) || all_optional) continue;
      return fmt::format("{}.{} is missing: {}", path, name, base::WriteJson(value));
    }
    return {};
  }

  std::string CompareLists(const JsonValue& wanted, const JsonValue& got, const std::string& path) const {
    std::vector<bool> used(wanted.items().size());
    for (size_t i = 0; i < got.items().size(); ++i) {
      const JsonValue& item = got.items()[i];
      std::string why;
      bool found = false;
      for (int optional = 0; optional < 2 && !found; ++optional) {
        for (size_t j = 0; j < used.size() && !found; ++j) {
          if (used[j] || IsOptional(wanted.items()[j]) != (optional == 1)) continue;
          std::string reason = Compare(wanted.items()[j], item, fmt::format("{}[{}]", path, i));
          if (reason.empty()) {
            found = used[j] = true;
          } else if (why.empty() || SameName(wanted.items()[j], item)) {
            why = std::move(reason);
          }
        }
      }
      if (!found && !rules_.more_allowed) return why.empty() ? fmt::format("{}[{}] should not be there: {}", path, i, base::WriteJson(item)) : why;
    }
    for (size_t j = 0; j < used.size(); ++j) {
      if (!used[j] && !IsOptional(wanted.items()[j])) return fmt::format("{}: missing {}", path, base::WriteJson(wanted.items()[j]));
    }
    return {};
  }

  // Which reason tells most: that of the parameter or code of the same name.
  static bool SameName(const JsonValue& wanted, const JsonValue& got) {
    for (const char* name : {"name", "code", "url"}) {
      const JsonValue* one = wanted.Find(name);
      const JsonValue* other = got.Find(name);
      if (one != nullptr && other != nullptr) return one->text() == other->text();
    }
    return false;
  }

  const TemplateRules& rules_;
};

}  // namespace

std::string Mismatch(const JsonValue& wanted, const JsonValue& got, const TemplateRules& rules) { return Matcher(rules).Compare(wanted, got, ""); }

}  // namespace heyi::cli
