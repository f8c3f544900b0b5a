// W3C's XML suite against our reader: whatever is not well-formed or has a DOCTYPE is refused, all else is taken, but
// for what we refuse on purpose (UTF-16) and for what editions of XML disagree on. https://www.w3.org/XML/Test
#include <fmt/format.h>

#include "base/file.h"
#include "base/xml/reader.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"

namespace heyi::cli {
namespace {


class NoEvents : public base::XmlEvents {
 public:
  void StartElement(std::string_view, std::string_view, std::span<const base::XmlAttribute>, size_t) override {}
  void EndElement(size_t) override {}
  void Text(std::string_view, size_t) override {}
};

// The suite's list marks a file by the mere letters, which three files have in a comment, an instruction or CDATA.
bool HasDoctype(std::string_view xml) {
  constexpr std::pair<std::string_view, std::string_view> kSkipped[] = {{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}};
  for (size_t at = 0; at < xml.size(); ++at) {
    if (xml.substr(at).starts_with("<!DOCTYPE")) return true;
    for (const auto& [begin, end] : kSkipped) {
      if (!xml.substr(at).starts_with(begin)) continue;
      at = xml.find(end, at + begin.size());
      if (at == std::string_view::npos) return false;
    }
  }
  return false;
}

}  // namespace

base::Result<base::Done> RunXmlTorture(const Corpus& corpus, Report& report) {
  HEYI_TRY(cases, ReadCases(corpus.directory + "/cases.json"));
  for (const base::JsonValue& row : cases.items()) {
    const std::string_view name = row.StringAt("URI");
    HEYI_TRY(text, base::ReadFile(fmt::format("{}/files/{}", corpus.directory, name)));
    NoEvents events;
    const base::Result<base::Done> read = base::ReadXml(text, events);
    const std::string rule = read.ok() ? std::string() : read.error().outcome.issues().front().rule;
    const bool doctype = row["doctype"].is_true() && (row.StringAt("TYPE") == "not-wf" || HasDoctype(text));
    if (doctype || row.StringAt("TYPE") == "not-wf") {
      report.Check(doctype ? "doctype" : "not-wf", name, read.ok() ? kTaken : kRefused, kRefused);
    } else if (rule == "xml.encoding" || row.StringAt("EDITION") == "5" || row.StringAt("NAMESPACE") == "no") {
      report.Pass("either way");  // names of the fifth edition only, or with colons where namespaces have none
    } else {
      report.Check("well-formed", name, read.ok() ? std::string(kTaken) : fmt::format("refused: {}", Briefly(read.error().outcome)), kTaken);
    }
  }
  return base::Done{};
}

}  // namespace heyi::cli
