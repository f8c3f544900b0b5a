// The text of the release profiles, one statement a line. Grammar: docs/release.md.
//
//   let identity urn:oid:2.16.156.10011.1.3
//   profile civil.elder | civil-affairs | COC HOPERAT          [| kind of agreement]
//   on Patient
//     keep active identifier[system=$identity] name gender birthDate
//     mask district address.text
//     cut deceased
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "policy/limits.h"
#include "policy/release.h"

namespace heyi::policy {
namespace {

constexpr std::string_view kReleaseText =
#include "release_profiles.inc"
    ;
constexpr std::string_view kRecipients[] = {"civil-affairs", "health", "insurance", "audit"};

using TypeSet = std::vector<const fhir::Type*>;

struct PathStep {
  std::string name, member, value;
};

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view word : base::Split(text, ' ')) {
    if (word = base::Trim(word); !word.empty()) words.push_back(word);
  }
  return words;
}

bool IsProfileId(std::string_view text) {  // goes into leaves and into a uri
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), good);
}

bool IsCapitals(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The types that `name` has in `types`: an element with all its types, or one type of a choice.
TypeSet StepInto(const TypeSet& types, std::string_view name) {
  TypeSet into;
  for (const fhir::Type* type : types) {
    if (const fhir::Element* element = type->FindElement(name)) {
      into.insert(into.end(), element->types.begin(), element->types.end());
    } else if (const fhir::Property* property = type->Find(name)) {
      into.push_back(property->type);
    }
  }
  return into;
}

bool NamesIt(const ReleaseRule& rule, const fhir::Element& element) {
  if (rule.name == element.name) return true;
  return element.choice && rule.name.starts_with(element.name) && rule.name.size() > element.name.size();
}

}  // namespace

class ReleaseReader {
 public:
  ReleaseReader(std::string_view file_name, const fhir::Definitions& definitions) : file_name_(file_name), definitions_(definitions) {}

  base::Result<ReleaseProfiles> Read(std::string_view text) {
    if (text.size() > kPolicyBytesMax || !base::IsValidUtf8(text)) {
      return base::Error(base::ErrorKind::kInvalid, "release.syntax", std::string(file_name_), "larger than 1 MiB, or not UTF-8");
    }
    for (std::string_view line : base::Split(text, '\n')) {
      ++line_;
      const size_t remark = line.starts_with('#') ? 0 : line.find(" #");
      if (line = base::Trim(line.substr(0, remark)); !line.empty()) ReadLine(line);
    }
    EndType();
    EndProfile();
    if (!outcome_.empty()) return base::Error(base::ErrorKind::kInvalid, std::move(outcome_));
    return std::move(read_);
  }

 private:
  void Wrong(std::string_view what) { WrongAt(line_, what); }
  void WrongAt(size_t line, std::string_view what) {
    if (outcome_.issues().size() == kPolicyErrorsMax) return;
    outcome_.Add("release.syntax", fmt::format("{}:{}", file_name_, line), fmt::format("line {}: {}", line, what));
  }

  void ReadLine(std::string_view line) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view verb = line.substr(0, end), rest = base::Trim(line.substr(end));
    if (verb == "let") return ReadLet(rest);
    if (verb == "profile") return ReadProfile(rest);
    if (verb == "on") return ReadType(rest);
    if (verb == "keep" || verb == "cut" || verb == "mask") return ReadPaths(verb, rest);
    Wrong(fmt::format("a line begins with let, profile, on, keep, cut or mask, not \"{}\"", verb));
  }

  void ReadLet(std::string_view rest) {
    const auto words = WordsOf(rest);
    if (words.size() != 2) return Wrong("let NAME VALUE");
    if (!names_.emplace(words[0], words[1]).second) Wrong(fmt::format("${} is said twice", words[0]));
  }

  void ReadProfile(std::string_view rest) {
    EndType();
    EndProfile();
    const auto cells = base::Split(rest, '|');
    if (cells.size() != 3 && cells.size() != 4) return Wrong("profile ID | recipient | purposes [| kind of agreement]");
    ReleaseProfile profile;
    profile.id_ = base::Trim(cells[0]);
    profile.recipient_ = base::Trim(cells[1]);
    for (std::string_view purpose : WordsOf(cells[2])) profile.purposes_.emplace_back(purpose);
    if (cells.size() == 4) profile.agreement_ = base::Trim(cells[3]);
    if (!IsProfileId(profile.id_)) Wrong(fmt::format("\"{}\" is no id: small letters, digits, '.' and '-'", profile.id_));
    if (read_.Find(profile.id_) != nullptr) Wrong(fmt::format("profile {} stands twice", profile.id_));
    if (std::find(std::begin(kRecipients), std::end(kRecipients), profile.recipient_) == std::end(kRecipients)) {
      Wrong(fmt::format("\"{}\" is no department that receives", profile.recipient_));
    }
    if (profile.purposes_.empty() || !std::all_of(profile.purposes_.begin(), profile.purposes_.end(), IsCapitals)) Wrong("purposes are v3-ActReason codes");
    if (cells.size() == 4 && !IsProfileId(profile.agreement_)) Wrong(fmt::format("\"{}\" is no kind of agreement", profile.agreement_));
    profile_ = std::move(profile);
    profile_line_ = line_;
    in_profile_ = true;
  }

  void ReadType(std::string_view rest) {
    EndType();
    if (!in_profile_) return Wrong("a type stands in a profile");
    type_ = definitions_.FindResource(rest);
    if (type_ == nullptr) return Wrong(fmt::format("\"{}\" is no resource type", rest));
    if (profile_.RulesOf(rest) != nullptr) Wrong(fmt::format("{} stands twice in {}", rest, profile_.id_));
    root_ = {};
    root_.name = rest;
    root_.below = {{"meta", {}, {}, false, false, {}, {{"security", {}, {}, true, false, {}, {}}}}};  // labels go with what they are on
    type_line_ = line_;
  }

  void ReadPaths(std::string_view verb, std::string_view rest) {
    auto words = WordsOf(rest);
    if (type_ == nullptr) return Wrong(fmt::format("{} stands below a type", verb));
    std::optional<Mask> mask = Mask();
    if (verb == "mask") {
      mask = words.empty() ? std::nullopt : ParseMask(words.front());
      if (!mask) return Wrong("mask first-N, last-N, hidden, year, month or district");
      words.erase(words.begin());
    }
    if (words.empty()) return Wrong("a path is missing");
    for (std::string_view word : words) {
      if (word == "*") {
        if (verb != "keep") return Wrong("* can only be kept");
        root_.keep = true;
      } else {
        ReadPath(verb, *mask, word);
      }
    }
  }

  void ReadPath(std::string_view verb, const Mask& mask, std::string_view word) {
    if (++paths_ > kReleasePathsMax) return Wrong("too many paths");
    std::vector<PathStep> steps;
    if (!SplitPath(word, steps)) return Wrong(fmt::format("\"{}\" is no path", word));
    ReleaseRule* rule = &root_;
    TypeSet types{type_};
    for (const PathStep& step : steps) {
      types = StepInto(types, step.name);
      if (types.empty()) return Wrong(fmt::format("{} has no {} ({})", type_->name, step.name, word));
      if (!step.member.empty() && StepInto(types, step.member).empty()) return Wrong(fmt::format("{} has no {} ({})", step.name, step.member, word));
      rule = &Below(*rule, step);
      // By what an item is chosen goes along with a part of it.
      if (!step.member.empty() && &step != &steps.back()) Below(*rule, {step.member, {}, {}}).keep = true;
    }
    if (mask && !std::all_of(types.begin(), types.end(), [&](const fhir::Type* type) { return FitsType(mask, *type); })) {
      return Wrong(fmt::format("{} cannot be masked so", word));
    }
    if (rule->keep || rule->cut || rule->mask) return Wrong(fmt::format("{} is said twice", word));
    rule->keep = verb != "cut";
    rule->cut = verb == "cut";
    rule->mask = mask;
  }

  // name[member=value].name…; within brackets a dot is a dot.
  bool SplitPath(std::string_view word, std::vector<PathStep>& steps) {
    while (!word.empty()) {
      const size_t end = word.find_first_of(".[");
      PathStep step{std::string(word.substr(0, end)), {}, {}};
      word = end == std::string_view::npos ? std::string_view() : word.substr(end);
      if (word.starts_with('[')) {
        const size_t close = word.find(']'), equals = word.find('=');
        if (close == std::string_view::npos || equals > close) return false;
        step.member = word.substr(1, equals - 1);
        step.value = word.substr(equals + 1, close - equals - 1);
        if (step.value.starts_with('$')) {
          const auto name = names_.find(step.value.substr(1));
          if (name == names_.end()) return false;
          step.value = name->second;
        }
        word = word.substr(close + 1);
        if (step.member.empty() || step.value.empty()) return false;
      }
      if (!word.empty() && !(word.starts_with('.') && word.size() > 1)) return false;
      if (!word.empty()) word = word.substr(1);
      if (step.name.empty() || steps.size() == kReleaseDepthMax) return false;
      steps.push_back(std::move(step));
    }
    return !steps.empty();
  }

  static ReleaseRule& Below(ReleaseRule& above, const PathStep& step) {
    for (ReleaseRule& rule : above.below) {
      if (rule.name == step.name && rule.member == step.member && rule.value == step.value) return rule;
    }
    above.below.push_back({step.name, step.member, step.value, false, false, {}, {}});
    return above.below.back();
  }

  void EndType() {
    if (type_ == nullptr) return;
    CheckComplete(root_, {type_}, type_->name);
    profile_.types_.push_back(std::move(root_));
    type_ = nullptr;
  }

  // Of an object that goes in parts: is what FHIR requires among them, and is what changes the meaning spoken of?
  void CheckComplete(const ReleaseRule& rule, const TypeSet& types, const std::string& path) {
    for (const ReleaseRule& below : rule.below) {
      if (below.below.empty()) continue;
      ReleaseRule together = below;  // what is said of all items is said of the chosen ones, too
      for (const ReleaseRule& all : rule.below) {
        if (below.member.empty() || !all.member.empty() || all.name != below.name) continue;
        together.keep = together.keep || all.keep;
        together.below.insert(together.below.end(), all.below.begin(), all.below.end());
      }
      CheckComplete(together, StepInto(types, below.name), path + "." + below.name);
    }
    for (const fhir::Type* type : types) {
      for (const fhir::Element& element : type->elements) {
        bool spoken_of = rule.keep, cut = false;
        for (const ReleaseRule& below : rule.below) {
          if (!NamesIt(below, element)) continue;
          spoken_of = true;
          cut = cut || (below.cut && below.member.empty());
        }
        if (element.min > 0 && (cut || !spoken_of)) WrongAt(type_line_, fmt::format("{} must be kept: FHIR requires it in {}", element.path, path));
        if (element.modifier && element.name != "implicitRules" && !spoken_of && element.name != "modifierExtension") {
          WrongAt(type_line_, fmt::format("{} changes the meaning of {}: keep it, or cut it by name", element.path, path));
        }
      }
    }
  }

  void EndProfile() {
    if (!in_profile_) return;
    if (profile_.types_.empty()) WrongAt(profile_line_, fmt::format("profile {} lets nothing go", profile_.id_));
    read_.profiles_.push_back(std::move(profile_));
    in_profile_ = false;
  }

  const std::string_view file_name_;
  const fhir::Definitions& definitions_;
  ReleaseProfiles read_;
  base::Outcome outcome_;
  std::map<std::string, std::string, std::less<>> names_;
  size_t line_ = 0, profile_line_ = 0, type_line_ = 0, paths_ = 0;
  bool in_profile_ = false;
  ReleaseProfile profile_;
  const fhir::Type* type_ = nullptr;
  ReleaseRule root_;
};

base::Result<ReleaseProfiles> ReleaseProfiles::Parse(std::string_view file_name, std::string_view text, const fhir::Definitions& definitions) {
  return ReleaseReader(file_name, definitions).Read(text);
}

ReleaseProfiles ReleaseProfiles::Default(const fhir::Definitions& definitions) {
  base::Result<ReleaseProfiles> profiles = Parse("release.profiles", kReleaseText, definitions);
  if (!profiles.ok()) {  // the program was built around a broken text
    const base::Issue& first = profiles.error().outcome.issues().front();
    std::fprintf(stderr, "heyi: policy/%s: %s\n", first.expression.c_str(), base::EnglishText(first).c_str());
    std::abort();
  }
  return std::move(*profiles);
}

bool ReleaseProfile::IsFor(std::string_view purpose) const { return std::find(purposes_.begin(), purposes_.end(), purpose) != purposes_.end(); }

const ReleaseRule* ReleaseProfile::RulesOf(std::string_view type) const {
  for (const ReleaseRule& rules : types_) {
    if (rules.name == type) return &rules;
  }
  return nullptr;
}

const ReleaseProfile* ReleaseProfiles::Find(std::string_view id) const {
  for (const ReleaseProfile& profile : profiles_) {
    if (profile.id() == id) return &profile;
  }
  return nullptr;
}

const ReleaseProfile* ReleaseProfiles::For(std::string_view recipient, std::string_view purpose, std::string_view type, std::string_view agreement) const {
  const ReleaseProfile* without = nullptr;
  for (const ReleaseProfile& profile : profiles_) {
    if (profile.recipient() != recipient || !profile.IsFor(purpose) || profile.RulesOf(type) == nullptr) continue;
    if (profile.agreement() == agreement) return &profile;
    if (profile.agreement().empty() && without == nullptr) without = &profile;
  }
  return without;
}

}  // namespace heyi::policy
