// A CDA document as a tree of elements, whatever its declared encoding, with the bytes where its values stood.
// https://www.hl7.org/implement/standards/product_brief.cfm?product_id=7 (HL7 CDA R2), WS/T 500-2016 (national profile)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/xml/tree.h"

namespace heyi::adapters {

inline constexpr std::string_view kV3Namespace = "urn:hl7-org:v3";
inline constexpr std::string_view kXsiNamespace = "http://www.w3.org/2001/XMLSchema-instance";

// Document C00nn follows the template 2.16.156.10011.2.1.1.(20 + nn).
inline constexpr std::string_view kCdaTemplates = "2.16.156.10011.2.1.1.";
inline constexpr uint64_t kCdaTemplateOffset = 20, kCdaTypes = 53;

class CdaDocument {
 public:
  // UTF-8, or GB 18030, GBK or GB 2312 where the XML declaration says so.
  //   errors  kTooLarge adapter.too-large; kMalformed xml.*, cda.encoding, cda.no-document (not a ClinicalDocument of
  //           HL7 V3), cda.stylesheet (names a stylesheet, which a reader might fetch)
  static base::Result<CdaDocument> Parse(std::string_view raw);

  const base::XmlNode& root() const { return document_.root; }

  // The byte of the message as it was sent: where an element's attribute, or its text, stands.
  size_t PlaceOf(const base::XmlNode& element, std::string_view attribute) const;
  size_t PlaceOfText(const base::XmlNode& element) const;

 private:
  size_t RawOffset(size_t utf8_offset) const;

  base::XmlDocument document_;
  std::string text_;                                  // UTF-8
  std::string raw_;                                   // GB 18030; empty where the message is UTF-8
  std::vector<std::pair<size_t, size_t>> waypoints_;  // of GB 18030: now and then, offset in text_ and in raw_
};

// The first element of the path "recordTarget/patientRole/id" below `from`, by the first of each name; null where none.
const base::XmlNode* FindV3(const base::XmlNode& from, std::string_view path);

// All child elements of that name.
std::vector<const base::XmlNode*> AllV3(const base::XmlNode& from, std::string_view name);

// Whether HL7 V3 says that nothing is said: a nullFlavor.
bool IsNull(const base::XmlNode& element);

// An OID as it is meant: blanks gone, "2016.156.…", which is often written, read as "2.16.156.…".
std::string NormalOid(std::string_view oid);

}  // namespace heyi::adapters
