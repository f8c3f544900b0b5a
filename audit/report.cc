// The auditor's report (数据交换审计报告): plain text in Chinese, one line a crossing, totals, and both tree heads.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "audit/text.h"
#include "audit/trail.h"

namespace heyi::audit {
namespace {

constexpr size_t kResourcesShown = 6;  // of one line; the rest are counted

struct Word {
  std::string_view code, chinese;
};
constexpr Word kDepartments[] = {
    {"civil-affairs", "民政局"}, {"health", "卫生健康委"}, {"insurance", "医保局"},
    {"audit", "审计"},           {"operator", "运维"},     {"hub", "和颐平台"},
};
constexpr Word kRoles[] = {
    {"clinician", "临床医护"}, {"care-worker", "养老护理员"}, {"officer", "经办人员"},
    {"auditor", "审计人员"},   {"operator", "运维人员"},      {"system", "系统"},
};
constexpr Word kPurposes[] = {
    {"TREAT", "诊疗照护"},  {"COC", "协同照护"},    {"HOPERAT", "业务管理"}, {"HPAYMT", "医保支付"}, {"HCOMPL", "合规审计"},
    {"PATRQT", "本人申请"}, {"BTG", "紧急授权"},    {"ETREAT", "急诊诊疗"},  {"PUBHLTH", "公共卫生"}, {"HRESCH", "科学研究"},
};
constexpr Word kInteractions[] = {
    {"read", "读取"},
    {"vread", "读取历史版本"},
    {"history-instance", "查看历史"},
    {"history-type", "查看历史"},
    {"history-system", "查看历史"},
    {"search-type", "检索"},
    {"search-compartment", "检索"},
    {"search-system", "检索"},
    {"create", "新建"},
    {"update", "更新"},
    {"patch", "更新"},
    {"delete", "删除"},
    {"transaction", "提交事务"},
    {"batch", "提交批处理"},
    {"capabilities", "查询能力声明"},
    {"message-received", "收到消息"},
    {"message", "交换消息"},
    {"deliver", "送达"},
    {"notify", "推送通知"},
    {"subscription-status", "变更订阅状态"},
    {"exchange-channels", "查看交换通道"},
    {"channel-pause", "暂停交换通道"},
    {"channel-resume", "恢复交换通道"},
    {"channel-redeliver", "重新投递"},
    {"channel-drop", "放弃投递"},
    {"unreadable", "记录无法解读"},
};

template <size_t N>
std::string_view Look(const Word (&words)[N], std::string_view code) {
  for (const Word& word : words) {
    if (word.code == code) return word.chinese;
  }
  return {};
}

// "诊疗照护（TREAT）", the bare code where we have no word for it, `none` where there is none.
template <size_t N>
std::string Named(const Word (&words)[N], std::string_view code, std::string_view none) {
  if (code.empty()) return std::string(none);
  const std::string_view chinese = Look(words, code);
  return chinese.empty() ? SingleLine(code) : fmt::format("{}（{}）", chinese, code);
}

std::string Department(std::string_view code) {
  const std::string_view chinese = Look(kDepartments, code);
  return !chinese.empty() ? std::string(chinese) : code.empty() ? "未表明部门" : SingleLine(code);
}

// 2026-11-24 11:41:29.123
std::string LocalTime(base::TimeMs time_ms) {
  std::string text = base::FormatInstant(time_ms);
  text.resize(23);
  text[10] = ' ';
  return text;
}

std::string Who(const Leaf& leaf) {
  const base::Caller& caller = leaf.caller;
  if (caller.anonymous() && caller.department.empty()) {
    return fmt::format("匿名访问者（{}）", leaf.peer.empty() ? "地址不明" : SingleLine(leaf.peer));
  }
  std::string who = fmt::format("{}（{}", SingleLine(caller.client), Department(caller.department));
  if (!caller.organization.empty()) who += fmt::format("，机构 {}", SingleLine(caller.organization));
  if (!caller.role.empty()) {
    const std::string_view role = Look(kRoles, caller.role);
    who += fmt::format("，{}", role.empty() ? SingleLine(caller.role) : std::string(role));
  }
  if (!caller.person.empty()) who += fmt::format("，人员 {}", SingleLine(caller.person));
  return who + "）";
}

std::string DidWhat(const Leaf& leaf) {
  if (leaf.interaction.starts_with('$')) return fmt::format("执行操作 {}", SingleLine(leaf.interaction));
  const std::string_view chinese = Look(kInteractions, leaf.interaction);
  std::string what = !chinese.empty() ? std::string(chinese) : fmt::format("请求（{}）", SingleLine(leaf.interaction));
  if (!leaf.recipient.empty()) what += fmt::format("至 {}", Department(leaf.recipient));
  return what;
}

std::string_view ActionWord(Action action) {
  switch (action) {
    case Action::kCreate: return "新建";
    case Action::kRead: return "读取";
    case Action::kUpdate: return "更新";
    case Action::kDelete: return "删除";
    case Action::kExecute: return "执行";
  }
  return "";
}

// `elder` is whom the report is about: other elders met in the same crossing are not told in it. Empty = all are.
std::string ToWhat(const Leaf& leaf, std::string_view elder) {
  std::vector<std::string> parts;
  if (!leaf.message_id.empty()) parts.push_back(fmt::format("消息 {}", SingleLine(leaf.message_id)));
  const size_t shown = std::min(leaf.resources.size(), kResourcesShown);
  for (size_t i = 0; i < shown; ++i) {
    const LeafResource& resource = leaf.resources[i];
    std::string part = fmt::format("{}/{}", SingleLine(resource.type), SingleLine(resource.id));
    if (resource.type == "Patient" && !elder.empty() && part != elder) part = "另一位老年人的 Patient";
    if (resource.version != 0) part += fmt::format(" 第 {} 版", resource.version);
    if (resource.action != leaf.action && resource.action != Action::kRead) part += fmt::format("（{}）", ActionWord(resource.action));
    parts.push_back(std::move(part));
  }
  const size_t more = leaf.resources.size() - shown + leaf.resources_more;
  if (more > 0) parts.push_back(fmt::format("另有 {} 项资源", more));
  if (!leaf.query_hash.empty()) {
    const std::string_view what = leaf.interaction.starts_with("message") ? "报文摘要" : "检索式摘要";
    parts.push_back(fmt::format("{} {}", what, SingleLine(leaf.query_hash).substr(0, 16)));
  }
  return parts.empty() ? "（未涉及具体资源）" : fmt::format("{}", fmt::join(parts, "；"));
}

std::string Outcome(const Leaf& leaf) {
  const std::string_view word = leaf.status < 400 ? "成功" : leaf.status < 500 ? "被拒绝" : "系统失败";
  if (leaf.rule.empty()) return fmt::format("{}（{}）", word, leaf.status);
  return fmt::format("{}（{}，{}）", word, leaf.status, SingleLine(leaf.rule));
}

// From which party to which the data went: deliveries to the recipient, reads to the asking department, writes and
// messages to the hub. A refusal moved nothing.
std::string Direction(const Leaf& leaf) {
  const std::string caller = Department(leaf.caller.department);
  const std::string hub(Look(kDepartments, "hub"));
  if (leaf.interaction == "deliver" || leaf.interaction == "notify") {
    return fmt::format("{} → {}", hub, leaf.recipient.empty() ? "未表明接收方" : Department(leaf.recipient));
  }
  const bool inward = leaf.interaction == "message" || leaf.action == Action::kCreate || leaf.action == Action::kUpdate ||
                      leaf.action == Action::kDelete || leaf.interaction == "transaction" || leaf.interaction == "batch";
  return inward ? fmt::format("{} → {}", caller, hub) : fmt::format("{} → {}", hub, caller);
}

struct Totals {
  size_t crossings = 0, resources = 0;
  std::set<uint64_t> elders;
};

void AppendTotals(std::string& out, std::string_view title, const std::map<std::string, Totals>& totals) {
  out += fmt::format("\n{}\n", title);
  if (totals.empty()) out += "  无\n";
  for (const auto& [name, total] : totals) {
    out += fmt::format("  {}：{} 次，涉及资源 {} 项，老年人 {} 人\n", name, total.crossings, total.resources, total.elders.size());
  }
}

}  // namespace

std::string RenderReport(const std::vector<TrailEntry>& entries, const std::vector<TreeHead>& heads, std::string_view elder) {
  std::string out = "数据交换审计报告\n";
  out += fmt::format("对象：{}\n", elder.empty() ? "全部" : SingleLine(elder));
  if (!entries.empty()) {
    out += fmt::format("期间：{} 至 {}（北京时间）\n", LocalTime(entries.front().time_ms), LocalTime(entries.back().time_ms));
  }
  const auto refused = std::count_if(entries.begin(), entries.end(), [](const TrailEntry& e) { return e.leaf.status >= 400; });
  out += fmt::format("记录：{} 条，其中未成功 {} 条\n\n一、逐条记录\n", entries.size(), refused);
  if (entries.empty()) out += "  无\n";

  std::map<std::string, Totals> by_direction, by_purpose;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Leaf& leaf = entries[i].leaf;
    const std::string purpose = Named(kPurposes, leaf.caller.purpose, "未表明");
    out += fmt::format("{}. {}  {}\n", i + 1, LocalTime(entries[i].time_ms), Who(leaf));
    out += fmt::format("   {}：{}\n", DidWhat(leaf), ToWhat(leaf, elder));
    out += fmt::format("   目的：{}；依据：{}；结果：{}；编号：{}\n", purpose, leaf.agreement.empty() ? "无" : SingleLine(leaf.agreement),
                       Outcome(leaf), entries[i].event_id());
    // What was only received is counted when it takes effect, under the same message id.
    if (leaf.status >= 400 || leaf.interaction == "message-received") continue;
    for (Totals* total : {&by_direction[Direction(leaf)], &by_purpose[purpose]}) {
      ++total->crossings;
      total->resources += leaf.resources.size() + leaf.resources_more;
      total->elders.insert(leaf.elders.begin(), leaf.elders.end());
    }
  }
  AppendTotals(out, "二、按数据流向合计（仅计成功者）", by_direction);
  AppendTotals(out, "三、按目的合计（仅计成功者）", by_purpose);

  out += "\n四、日志树头\n";
  for (const TreeHead& head : heads) {
    out += fmt::format("  {}：{} 条\n    SHA-256 {}\n    SM3     {}\n", head.source == Source::kData ? "数据日志" : "访问日志", head.size,
                       base::ToHex(head.sha256), base::ToHex(head.sm3));
  }
  out += fmt::format(
      "\n五、完整性说明\n"
      "  本报告按索引列出两份日志中符合条件的 {} 条记录。每次变更、消息交换、查阅和拒绝都先写入日志，再作答复；日志只增不改，\n"
      "  全部条目构成两棵默克尔树（RFC 6962，SHA-256 与 SM3）。任何条目被删除、插入或改动，重新计算的树头都与上列树头不符；\n"
      "  持有早先树头的单位可据一致性证明核对：今天的日志是当时日志的延续。\n",
      entries.size());
  return out;
}

}  // namespace heyi::audit
