#include "conformance/validate/questionnaire_response.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "base/text.h"
#include "conformance/references.h"
#include "conformance/validate/answer.h"
#include "fhir/json/write.h"

namespace heyi::conformance {

using base::JsonValue;
using fhir::Node;
using fhir::PathValue;

namespace {

constexpr std::string_view kMinOccurs = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs";
constexpr std::string_view kMaxOccurs = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs";
constexpr std::string_view kExclusive = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive";

uint64_t NumberOf(const JsonValue& number, uint64_t otherwise) {
  uint64_t value = otherwise;
  if (!number.is_null()) base::ParseUnsigned(number.text(), &value);
  return value;
}

std::vector<Node> ItemsOf(Node list) {
  std::vector<Node> items;
  if (!list) return items;
  for (Node item = list.first_child(); item; item = item.next()) items.push_back(item);
  return items;
}

class ResponseCheck {
 public:
  ResponseCheck(Node response, const JsonValue& questionnaire, Session& session)
      : response_(response), questionnaire_(questionnaire), session_(session), complete_(response.TextAt("status") != "in-progress") {
    KnowLinkIds(questionnaire["item"]);
  }

  void Run() { Level(questionnaire_["item"], response_); }

 private:
  // Recursion here and below follows the nesting of the Questionnaire, which the JSON reader caps.
  void KnowLinkIds(const JsonValue& items) {
    for (const JsonValue& item : items.items()) {
      known_.emplace(item.StringAt("linkId"), &item);
      KnowLinkIds(item["item"]);
    }
  }

  // The items of one level of the Questionnaire against those below `parent`: the response, a group, or an answer.
  void Level(const JsonValue& items, Node parent) {
    std::unordered_map<std::string_view, size_t> order;
    for (const JsonValue& item : items.items()) order.emplace(item.StringAt("linkId"), order.size());
    const std::vector<Node> given = ItemsOf(parent.Member("item"));
    std::vector<std::vector<Node>> sorted(items.items().size());
    size_t last = 0;
    for (const Node item : given) {
      if (!session_.budget.Spend(1)) return;
      const std::string_view link_id = item.TextAt("linkId");
      const auto place = order.find(link_id);
      if (place == order.end()) {
        session_.Report(known_.contains(link_id) ? "conformance.answer-misplaced" : "conformance.answer-unknown", item, link_id);
        continue;
      }
      if (place->second < last) session_.Report("conformance.answer-order", item, link_id);
      last = std::max(last, place->second);
      sorted[place->second].push_back(item);
    }
    for (size_t i = 0; i < sorted.size(); ++i) Item(items.items()[i], sorted[i], parent);
  }

  void Item(const JsonValue& item, const std::vector<Node>& given, Node parent) {
    const std::string_view type = item.StringAt("type");
    const bool enabled = IsEnabled(item, parent);
    if (!enabled) {
      for (const Node one : given) {
        if (one.Member("answer") || one.Member("item")) session_.Report("conformance.answer-disabled", one, item.StringAt("linkId"));
      }
      return;
    }
    if (given.empty()) return CheckPresence(item, 0, parent);
    if (type == "group") return Group(item, given, parent);
    if (type == "display") return Display(given);
    if (given.size() > 1) session_.Report("conformance.answer-twice", given[1], item.StringAt("linkId"));
    for (const Node one : given) Question(item, one);
  }

  void CheckPresence(const JsonValue& item, size_t count, Node at) {
    const uint64_t least = NumberOf(ItemExtension(item, kMinOccurs), 0);
    const bool group = item.StringAt("type") == "group";
    if (complete_ && count == 0 && item["required"].is_true()) {
      session_.Report(group ? "conformance.group-missing" : "conformance.answer-missing", at, item.StringAt("linkId"));
    } else if (complete_ && count < least) {
      session_.Report("conformance.answer-few", at, std::to_string(least));
    }
    if (count > NumberOf(ItemExtension(item, kMaxOccurs), UINT64_MAX)) session_.Report("conformance.answer-many", at, ItemExtension(item, kMaxOccurs).text());
  }

  void Group(const JsonValue& item, const std::vector<Node>& given, Node parent) {
    CheckPresence(item, given.size(), parent);
    if (given.size() > 1 && !item["repeats"].is_true()) session_.Report("conformance.answer-twice", given[1], item.StringAt("linkId"));
    for (const Node one : given) {
      if (const Node answer = one.Member("answer")) session_.Report("conformance.group-answered", answer, item.StringAt("linkId"));
      Level(item["item"], one);
    }
  }

  void Display(const std::vector<Node>& given) {
    for (const Node one : given) {
      if (const Node answer = one.Member("answer")) session_.Report("conformance.group-answered", answer, one.TextAt("linkId"));
    }
  }

  void Question(const JsonValue& item, Node one) {
    if (const Node nested = one.Member("item")) session_.Report("conformance.answer-nested", nested, item.StringAt("linkId"));
    const std::vector<Node> answers = ItemsOf(one.Member("answer"));
    CheckPresence(item, answers.size(), one);
    if (answers.size() > 1 && !item["repeats"].is_true()) session_.Report("conformance.answer-twice", answers[1], item.StringAt("linkId"));
    for (const Node answer : answers) {
      CheckAnswer(answer, item, session_);
      if (answers.size() > 1) CheckExclusive(answer, item);
      Level(item["item"], answer);
    }
  }

  void CheckExclusive(Node answer, const JsonValue& item) {
    const PathValue value = ChosenValue(answer);
    for (const JsonValue& option : item["answerOption"].items()) {
      if (ItemExtension(option, kExclusive).is_true() && CompareWith(value, option, "value") == 0) {
        session_.Report("conformance.answer-exclusive", answer, item.StringAt("linkId"));
      }
    }
  }

  // ---- enableWhen ----

  bool IsEnabled(const JsonValue& item, Node parent) {
    const auto& conditions = item["enableWhen"].items();
    if (conditions.empty()) return true;
    const auto holds = [&](const JsonValue& condition) { return Holds(condition, parent); };
    if (item.StringAt("enableBehavior") == "all") return std::all_of(conditions.begin(), conditions.end(), holds);
    return std::any_of(conditions.begin(), conditions.end(), holds);
  }

  bool Holds(const JsonValue& condition, Node parent) {
    const std::vector<Node> answers = AnswersTo(condition.StringAt("question"), parent);
    const std::string_view how = condition.StringAt("operator");
    if (how == "exists") return answers.empty() != condition["answerBoolean"].is_true();
    if (how == "!=") return std::none_of(answers.begin(), answers.end(), [&](Node answer) { return CompareWith(ChosenValue(answer), condition, "answer") == 0; });
    return std::any_of(answers.begin(), answers.end(), [&](Node answer) {
      const auto order = CompareWith(ChosenValue(answer), condition, "answer");
      if (!order) return false;
      if (how == "=") return *order == 0;
      if (how == ">") return *order > 0;
      if (how == "<") return *order < 0;
      if (how == ">=") return *order >= 0;
      return how == "<=" && *order <= 0;
    });
  }

  // The answers to that question that stand nearest: below `from`, else below what contains it.
  std::vector<Node> AnswersTo(std::string_view link_id, Node from) {
    for (Node around = from; around; around = around.parent()) {
      std::vector<Node> answers;
      Gather(link_id, around, answers);
      if (!answers.empty() || around == response_) return answers;
    }
    return {};
  }

  void Gather(std::string_view link_id, Node top, std::vector<Node>& answers) {
    for (Node node = top; node;) {
      if (!session_.budget.Spend(1)) return;
      if (node.is_object() && node.TextAt("linkId") == link_id) {
        for (const Node answer : ItemsOf(node.Member("answer"))) answers.push_back(answer);
      }
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node != top && !node.next()) node = node.parent();
      if (node == top) return;
      node = node.next();
    }
  }

  const Node response_;
  const JsonValue& questionnaire_;
  Session& session_;
  const bool complete_;
  std::unordered_map<std::string_view, const JsonValue*> known_;
};

// One of the response's own contained resources, as JSON.
std::shared_ptr<const JsonValue> Contained(Node response, std::string_view id) {
  const Node list = response.Member("contained");
  for (Node item = list.first_child(); item; item = item.next()) {
    if (item.TextAt("id") != id) continue;
    auto parsed = base::ParseJson(fhir::WriteJson(fhir::Tree::CopyOf(item)));
    if (parsed.ok()) return std::make_shared<const JsonValue>(std::move(*parsed));
  }
  return nullptr;
}

}  // namespace

void CheckQuestionnaireResponse(Node response, Session& session) {
  const Node canonical = response.Member("questionnaire");
  if (!canonical || canonical.text().empty()) return session.Report("conformance.questionnaire-none", response, {});
  const Canonical name = Canonical::Of(canonical.text());
  const auto questionnaire = canonical.text().front() == '#' ? Contained(response, canonical.text().substr(1))
                                                             : session.profiles.source().Find("Questionnaire", name.url, name.version);
  if (questionnaire == nullptr) return session.Report("conformance.questionnaire-unknown", canonical, canonical.text());
  ResponseCheck(response, *questionnaire, session).Run();
}

}  // namespace heyi::conformance
