#include "mapping/fml/structure_map.h"

#include <array>
#include <utility>

namespace heyi::mapping {
namespace {

using Map = StructureMap;

template <typename Mode, size_t N>
using ModeWords = std::array<std::pair<std::string_view, Mode>, N>;

constexpr ModeWords<Map::ModelMode, 4> kModelModes = {{{"source", Map::ModelMode::kSource},
                                                       {"queried", Map::ModelMode::kQueried},
                                                       {"target", Map::ModelMode::kTarget},
                                                       {"produced", Map::ModelMode::kProduced}}};
constexpr ModeWords<Map::InputMode, 2> kInputModes = {{{"source", Map::InputMode::kSource},
                                                       {"target", Map::InputMode::kTarget}}};
constexpr ModeWords<Map::TypeMode, 4> kTypeModes = {{{"none", Map::TypeMode::kNone},
                                                     {"types", Map::TypeMode::kTypes},
                                                     {"type-and-types", Map::TypeMode::kTypePlus},
                                                     {"type+", Map::TypeMode::kTypePlus}}};
constexpr ModeWords<Map::SourceListMode, 5> kSourceListModes = {{{"first", Map::SourceListMode::kFirst},
                                                                 {"not_first", Map::SourceListMode::kNotFirst},
                                                                 {"last", Map::SourceListMode::kLast},
                                                                 {"not_last", Map::SourceListMode::kNotLast},
                                                                 {"only_one", Map::SourceListMode::kOnlyOne}}};
constexpr ModeWords<Map::TargetListMode, 5> kTargetListModes = {{{"first", Map::TargetListMode::kFirst},
                                                                 {"share", Map::TargetListMode::kShare},
                                                                 {"last", Map::TargetListMode::kLast},
                                                                 {"single", Map::TargetListMode::kSingle},
                                                                 {"collate", Map::TargetListMode::kSingle}}};

template <typename Mode, size_t N>
std::string_view WordIn(const ModeWords<Mode, N>& words, Mode mode) {
  for (const auto& [word, value] : words) {
    if (value == mode) return word;
  }
  return {};
}

template <typename Mode, size_t N>
std::optional<Mode> ModeIn(const ModeWords<Mode, N>& words, std::string_view wanted) {
  for (const auto& [word, value] : words) {
    if (word == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view WordOf(Map::ModelMode mode) { return WordIn(kModelModes, mode); }
std::string_view WordOf(Map::InputMode mode) { return WordIn(kInputModes, mode); }
std::string_view WordOf(Map::TypeMode mode) { return WordIn(kTypeModes, mode); }
std::string_view WordOf(Map::SourceListMode mode) { return WordIn(kSourceListModes, mode); }
std::string_view WordOf(Map::TargetListMode mode) { return WordIn(kTargetListModes, mode); }
std::optional<Map::ModelMode> ModelModeOf(std::string_view word) { return ModeIn(kModelModes, word); }
std::optional<Map::InputMode> InputModeOf(std::string_view word) { return ModeIn(kInputModes, word); }
std::optional<Map::TypeMode> TypeModeOf(std::string_view word) { return ModeIn(kTypeModes, word); }
std::optional<Map::SourceListMode> SourceListModeOf(std::string_view word) { return ModeIn(kSourceListModes, word); }
std::optional<Map::TargetListMode> TargetListModeOf(std::string_view word) { return ModeIn(kTargetListModes, word); }

bool IsIdentity(const Map::Rule& rule) {
  if (rule.sources.size() != 1 || rule.targets.size() != 1) return false;
  if (!rule.rules.empty() || !rule.dependents.empty()) return false;
  const Map::Source& source = rule.sources[0];
  const Map::Target& target = rule.targets[0];
  return source.variable == kIdentityVariable && target.variable == kIdentityVariable &&
         target.transform == "create" && target.parameters.empty() && target.list_modes.empty() &&
         source.type.empty() && !source.min && source.max.empty() && source.default_value.empty() &&
         !source.list_mode && source.condition.empty() && source.check.empty() && source.log_message.empty();
}

std::vector<std::string> ElementSteps(std::string_view element) {
  std::vector<std::string> steps;
  if (element.empty()) return steps;
  std::string step;
  bool quoted = false;
  for (const char c : element) {
    if (c == '`') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      steps.push_back(std::move(step));
      step.clear();
    } else {
      step += c;
    }
  }
  steps.push_back(std::move(step));
  return steps;
}

std::string AsElementStep(std::string_view name) {
  if (name.find('.') == std::string_view::npos) return std::string(name);
  return "`" + std::string(name) + "`";
}

}  // namespace heyi::mapping
