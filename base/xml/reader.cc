#include "base/xml/reader.h"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/text.h"

namespace heyi::base {
namespace {

// Between the namespace and the local name in expat's names. No XML document can hold it, not even as a reference.
constexpr char kSeparator = '\f';

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using Parser = std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser>;

struct Name {
  std::string_view ns, local;
};

Name SplitName(const char* name) {
  const std::string_view all(name);
  const size_t at = all.find(kSeparator);
  return at == std::string_view::npos ? Name{{}, all} : Name{all.substr(0, at), all.substr(at + 1)};
}

class ExpatAdapter {
 public:
  ExpatAdapter(XmlEvents& events, const XmlLimits& limits, std::string_view text, XML_Parser parser)
      : events_(events), limits_(limits), text_(text), parser_(parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &OnStart, &OnEnd);
    XML_SetCharacterDataHandler(parser, &OnText);
    XML_SetProcessingInstructionHandler(parser, &OnInstruction);
    XML_SetCommentHandler(parser, &OnComment);
    XML_SetStartNamespaceDeclHandler(parser, &OnNamespace);
    XML_SetXmlDeclHandler(parser, &OnDeclaration);
    XML_SetStartDoctypeDeclHandler(parser, &OnDoctype);
  }

  bool failed() const { return !failure_.rule.empty(); }
  Issue TakeFailure() { return std::move(failure_); }

 private:
  static ExpatAdapter& Self(void* self) { return *static_cast<ExpatAdapter*>(self); }
  static void OnStart(void* self, const XML_Char* name, const XML_Char** attributes) { Self(self).Start(name, attributes); }
  static void OnEnd(void* self, const XML_Char*) { Self(self).End(); }
  static void OnText(void* self, const XML_Char* text, int size) { Self(self).Text({text, static_cast<size_t>(size)}); }
  static void OnInstruction(void* self, const XML_Char* target, const XML_Char* data) { Self(self).Instruction(target, data); }
  static void OnComment(void* self, const XML_Char* text) { Self(self).Comment(text); }
  static void OnNamespace(void* self, const XML_Char* prefix, const XML_Char* ns) { Self(self).Namespace(prefix, ns); }
  static void OnDeclaration(void* self, const XML_Char* version, const XML_Char* encoding, int) {
    Self(self).Declaration(version, encoding);
  }
  static void OnDoctype(void* self, const XML_Char* name, const XML_Char*, const XML_Char*, int) {
    Self(self).Fail("xml.doctype", name);
  }

  void Start(const char* full_name, const char** pairs) {
    if (failed()) return;  // expat may still report what stands in the same tag
    in_text_ = false;
    if (++depth_ > limits_.depth_max) return Fail("xml.too-deep", fmt::format("{}", limits_.depth_max));
    attributes_.clear();
    for (; *pairs != nullptr; pairs += 2) {
      if (attributes_.size() == limits_.attributes_max) {
        return Fail("xml.too-many-attributes", fmt::format("{}", limits_.attributes_max));
      }
      const Name name = SplitName(pairs[0]);
      attributes_.push_back({name.ns, name.local, pairs[1]});
    }
    if (!Count(1 + attributes_.size())) return;
    const Name name = SplitName(full_name);
    events_.StartElement(name.ns, name.local, attributes_, Here());
  }

  void End() {
    if (failed()) return;
    in_text_ = false;
    --depth_;
    events_.EndElement(Here() + static_cast<size_t>(XML_GetCurrentByteCount(parser_)));
  }

  void Text(std::string_view text) {
    if (failed() || (!in_text_ && !Count(1))) return;
    in_text_ = true;
    events_.Text(text, Here());
  }

  void Instruction(std::string_view target, std::string_view data) {
    if (failed() || !Count(1)) return;
    in_text_ = false;
    events_.Instruction(target, data, Here());
  }

  // Neither ends a run of text nor counts: who keeps none shall not notice any.
  void Comment(std::string_view text) {
    if (!failed()) events_.Comment(text, Here());
  }
  void Namespace(const char* prefix, const char* ns) {
    if (failed()) return;
    events_.Declaration(prefix == nullptr ? std::string_view() : prefix, ns == nullptr ? std::string_view() : ns);
  }

  void Declaration(const char* version, const char* encoding) {
    if (version != nullptr && std::string_view(version) != "1.0") return Fail("xml.syntax", fmt::format("version {}", version));
    if (encoding == nullptr) return;
    const std::string name = AsciiLower(encoding);
    const bool ascii = name == "us-ascii";
    if (name == "utf-8" || (ascii && IsAscii(text_))) return;
    Fail("xml.encoding", ascii ? "bytes outside US-ASCII, which is declared" : std::string_view(encoding));
  }

  size_t Here() const { return static_cast<size_t>(XML_GetCurrentByteIndex(parser_)); }
  bool Count(size_t nodes) {
    nodes_ += nodes;
    if (nodes_ <= limits_.nodes_max) return true;
    Fail("xml.too-long", fmt::format("{} nodes", limits_.nodes_max));
    return false;
  }
  void Fail(std::string_view rule, std::string_view detail) {
    if (failed()) return;
    failure_ = MakeIssue(rule, {}, detail);
    XML_StopParser(parser_, XML_FALSE);
  }

  XmlEvents& events_;
  const XmlLimits& limits_;
  const std::string_view text_;
  const XML_Parser parser_;
  std::vector<XmlAttribute> attributes_;
  uint32_t depth_ = 0;
  uint64_t nodes_ = 0;
  bool in_text_ = false;
  Issue failure_;
};

// UTF-16 and UTF-32 are told by their byte-order marks or by the zero bytes around the first `<`.
std::string_view WideEncoding(std::string_view text) {
  if (text.starts_with("\xfe\xff") || text.starts_with("\xff\xfe")) return "UTF-16";
  if (text.size() >= 2 && (text[0] == '\0' || text[1] == '\0')) return "UTF-16 or UTF-32";
  return {};
}

std::string_view RuleOf(XML_Error code) {
  switch (code) {
    case XML_ERROR_UNDEFINED_ENTITY: return "xml.entity";
    case XML_ERROR_UNBOUND_PREFIX:
    case XML_ERROR_UNDECLARING_PREFIX:
    case XML_ERROR_RESERVED_PREFIX_XML:
    case XML_ERROR_RESERVED_PREFIX_XMLNS:
    case XML_ERROR_RESERVED_NAMESPACE_URI: return "xml.namespace";
    default: return "xml.syntax";
  }
}

}  // namespace

void XmlEvents::Instruction(std::string_view, std::string_view, size_t) {}
void XmlEvents::Declaration(std::string_view, std::string_view) {}
void XmlEvents::Comment(std::string_view, size_t) {}

Result<Done> ReadXml(std::string_view text, XmlEvents& events, const XmlLimits& limits) {
  if (text.size() > std::min<size_t>(limits.bytes_max, INT32_MAX)) {
    return Error(ErrorKind::kMalformed, "xml.too-long", {}, fmt::format("{} bytes", limits.bytes_max));
  }
  if (const std::string_view wide = WideEncoding(text); !wide.empty()) {
    return Error(ErrorKind::kMalformed, "xml.encoding", {}, wide);
  }
  // The encoding is given and not asked of the document, so that no other decoder of expat ever runs.
  const Parser parser(XML_ParserCreateNS("UTF-8", kSeparator));
  if (parser == nullptr) return Error(ErrorKind::kInternal, "internal.failed", {}, "no memory for an XML parser");
  ExpatAdapter adapter(events, limits, text, parser.get());
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK) return Done{};
  if (adapter.failed()) return Error(ErrorKind::kMalformed, Outcome(adapter.TakeFailure()));
  const XML_Error code = XML_GetErrorCode(parser.get());
  if (code == XML_ERROR_NO_MEMORY) return Error(ErrorKind::kInternal, "internal.failed", {}, "no memory for an XML document");
  const XML_Index at = std::max<XML_Index>(XML_GetCurrentByteIndex(parser.get()), 0);  // -1 in an empty document
  return Error(ErrorKind::kMalformed, RuleOf(code), {},
               fmt::format("{} at {}:{} (byte {})", XML_ErrorString(code), XML_GetCurrentLineNumber(parser.get()),
                           XML_GetCurrentColumnNumber(parser.get()) + 1, at));
}

}  // namespace heyi::base
