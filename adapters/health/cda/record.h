// What a document says, as a flat JSON record: the header all WS/T 500 documents share, then `sections[]` and, because
// pair maps walk one list at a time, `entries[]` of all sections, each with its section's code. Fields: models.tsv.
#pragma once

#include <string_view>

#include "adapters/health/cda/document.h"
#include "base/json/value.h"
#include "base/outcome.h"

namespace heyi::adapters {

// Puts members into an object of the record, with their places. What is null, empty or blank is left out.
class CdaFields {
 public:
  CdaFields(const CdaDocument& document, base::JsonValue& object) : document_(document), object_(object) {}

  void Attribute(std::string_view field, const base::XmlNode* element, std::string_view attribute);
  void Text(std::string_view field, const base::XmlNode* element);
  void Value(std::string_view field, std::string_view text, size_t place);

 private:
  const CdaDocument& document_;
  base::JsonValue& object_;
};

// The header. Whose document it is must be beyond doubt: anything else may be missing or odd.
//   issues  cda.record-target (not exactly one person), cda.identity-root (an identity number under another OID),
//           cda.document-root (the document's number under another OID)
void ReadCdaHeader(const CdaDocument& document, base::JsonValue& record, base::Outcome& outcome);

// The body: `body`, `sections`, `entries`.
//   issues  adapter.too-many
void ReadCdaBody(const CdaDocument& document, base::JsonValue& record, base::Outcome& outcome);

// Data elements (WS 363): "DE05.01.024.00" of "DE05.01.024", " de05.01.024.00"; empty of what is none.
std::string NormalDataElement(std::string_view code);

}  // namespace heyi::adapters
