#include "adapters/health/cda/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/health/cda/limits.h"
#include "adapters/limits.h"
#include "base/charset.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::Error;
using base::ErrorKind;
using base::XmlNode;

constexpr size_t kWaypointEvery = 512;  // bytes

// Where the encoding's name stands in the XML declaration; an empty view where there is none.
std::string_view DeclaredEncoding(std::string_view text) {
  constexpr std::string_view kName = "encoding";
  const size_t end = text.starts_with("<?xml") ? text.find("?>") : std::string_view::npos;
  if (end == std::string_view::npos) return {};
  const std::string_view declaration = text.substr(0, end);
  const size_t at = declaration.find(kName);
  const size_t open = at == std::string_view::npos ? at : declaration.find_first_of("'\"", at);
  const size_t close = open == std::string_view::npos ? open : declaration.find(declaration[open], open + 1);
  return close == std::string_view::npos ? std::string_view() : declaration.substr(open + 1, close - open - 1);
}

bool IsChinese(std::string_view encoding) {
  const std::string name = base::AsciiLower(encoding);
  return name == "gb2312" || name == "gbk" || name == "gb18030";
}

size_t Utf8Bytes(char lead) {
  const auto c = static_cast<unsigned char>(lead);
  return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

}  // namespace

base::Result<CdaDocument> CdaDocument::Parse(std::string_view raw) {
  if (raw.size() > kMessageBytesMax) return Error(ErrorKind::kTooLarge, "adapter.too-large", {}, fmt::format("{}", kMessageBytesMax));
  CdaDocument made;
  made.text_ = raw;
  if (const std::string_view encoding = DeclaredEncoding(raw); IsChinese(encoding)) {
    base::CharsetConverter converter(base::Charset::kGb18030);
    made.text_.clear();
    if (!converter.ToUtf8(raw, &made.text_)) return Error(ErrorKind::kMalformed, "cda.encoding", {}, encoding);
    made.raw_ = raw;
    // What is UTF-8 now must not say otherwise; blanks, so that every place stays where it is.
    const auto name = static_cast<size_t>(encoding.data() - raw.data());
    const size_t begin = raw.rfind("encoding", name);
    const size_t size = name + encoding.size() + 1 - begin;
    if (made.text_.compare(0, begin + size, raw.substr(0, begin + size)) != 0) {
      return Error(ErrorKind::kMalformed, "cda.encoding", {}, encoding);
    }
    made.text_.replace(begin, size, size, ' ');
    size_t next = 0;
    for (size_t in_text = 0, in_raw = 0; in_text < made.text_.size();) {
      if (in_text >= next) {
        made.waypoints_.emplace_back(in_text, in_raw);
        next = in_text + kWaypointEvery;
      }
      in_raw += base::CharacterBytes(base::Charset::kGb18030, std::string_view(made.raw_).substr(in_raw));
      in_text += Utf8Bytes(made.text_[in_text]);
    }
  }
  const base::XmlLimits limits{.depth_max = kCdaDepthMax, .attributes_max = 100, .nodes_max = kCdaNodesMax};
  HEYI_TRY(document, base::ParseXml(made.text_, limits));
  if (document.root.ns != kV3Namespace || document.root.name != "ClinicalDocument") {
    return Error(ErrorKind::kMalformed, "cda.no-document", {}, document.root.name);
  }
  if (std::find(document.instructions.begin(), document.instructions.end(), "xml-stylesheet") != document.instructions.end()) {
    return Error(ErrorKind::kMalformed, "cda.stylesheet");
  }
  made.document_ = std::move(document);
  return made;
}

size_t CdaDocument::RawOffset(size_t utf8_offset) const {
  if (waypoints_.empty()) return utf8_offset;
  auto after = std::upper_bound(waypoints_.begin(), waypoints_.end(), std::pair(utf8_offset, SIZE_MAX));
  auto [in_text, in_raw] = *(after - 1);  // the first waypoint is 0
  while (in_text < utf8_offset && in_text < text_.size()) {
    in_raw += base::CharacterBytes(base::Charset::kGb18030, std::string_view(raw_).substr(in_raw));
    in_text += Utf8Bytes(text_[in_text]);
  }
  return in_raw;
}

size_t CdaDocument::PlaceOf(const XmlNode& element, std::string_view attribute) const {
  return RawOffset(base::AttributeValueAt(text_, element.begin, attribute));
}

size_t CdaDocument::PlaceOfText(const XmlNode& element) const {
  for (const XmlNode& child : element.children) {
    if (!child.is_text() || base::Trim(child.text).empty()) continue;
    const size_t first = text_.find_first_not_of(" \t\r\n", child.begin);
    return RawOffset(std::min(first, text_.size()));
  }
  return RawOffset(element.begin);
}

const XmlNode* FindV3(const XmlNode& from, std::string_view path) {
  const XmlNode* at = &from;
  for (const std::string_view name : base::Split(path, '/')) {
    at = at->Find(kV3Namespace, name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::vector<const XmlNode*> AllV3(const XmlNode& from, std::string_view name) {
  std::vector<const XmlNode*> all;
  for (const XmlNode& child : from.children) {
    if (child.name == name && child.ns == kV3Namespace) all.push_back(&child);
  }
  return all;
}

bool IsNull(const XmlNode& element) { return !element.AttributeText("nullFlavor").empty(); }

std::string NormalOid(std::string_view oid) {
  std::string normal(base::Trim(oid));
  if (normal.starts_with("urn:oid:")) normal.erase(0, 8);
  if (normal.starts_with("2016.156.")) normal.insert(1, ".");  // "2.016…"
  if (normal.starts_with("2.016.")) normal.erase(2, 1);
  return normal;
}

}  // namespace heyi::adapters
