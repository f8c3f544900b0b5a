#include "adapters/health/cda/narrative.h"

#include <algorithm>

#include "adapters/health/cda/document.h"
#include "adapters/health/cda/limits.h"
#include "base/text.h"
#include "base/xml/escape.h"

namespace heyi::adapters {
namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class LineReader {
 public:
  // Recursion is bounded by kCdaDepthMax.
  void Read(const base::XmlNode& node) {
    if (node.is_text()) return Add(node.text);
    // HTML's own script and style have no business in a narrative block, and what they hold is no text to read.
    if (node.ns != kV3Namespace || IsOneOf(base::AsciiLower(node.name), {"script", "style", "rendermultimedia"})) return;
    const bool block = IsOneOf(node.name, {"paragraph", "item", "tr", "caption", "list", "table", "br", "text"});
    if (block) EndLine();
    if (IsOneOf(node.name, {"td", "th"}) && !line_.empty()) line_ += " | ";
    for (const base::XmlNode& child : node.children) Read(child);
    if (block) EndLine();
  }

  std::vector<std::string> Take() {
    EndLine();
    return std::move(lines_);
  }

 private:
  // Runs of white space are one blank.
  void Add(std::string_view text) {
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
      if (blank && (line_.empty() || line_.back() == ' ')) continue;
      line_ += blank ? ' ' : c;
    }
  }

  void EndLine() {
    const std::string_view line = base::ClipUtf8(base::Trim(line_), kCdaNarrativeBytesMax - bytes_);
    if (!line.empty()) lines_.emplace_back(line);
    bytes_ += line.size();
    line_.clear();
  }

  std::string line_;
  std::vector<std::string> lines_;
  size_t bytes_ = 0;
};

}  // namespace

std::vector<std::string> NarrativeLines(const base::XmlNode& text) {
  LineReader reader;
  reader.Read(text);
  return reader.Take();
}

std::string NarrativeDiv(const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
  for (const std::string& line : lines) {
    div += "<p>";
    base::AppendXmlText(div, line);
    div += "</p>";
  }
  return div + "</div>";
}

}  // namespace heyi::adapters
