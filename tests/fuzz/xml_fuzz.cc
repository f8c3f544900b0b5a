// XML: what is taken comes back the same when it is written and read again, as XML and as JSON.
#include "fhir/xml/parse.h"
#include "fhir/xml/write.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace heyi;
  const auto tree = fhir::ParseXmlResource(fuzz::Text(data, size), fuzz::Definitions());
  if (!tree.ok()) return 0;
  const std::string json = fhir::WriteJson(*tree);
  const auto by_json = fhir::ParseResource(json, fuzz::Definitions());
  fuzz::Must(by_json.ok(), "what was read from XML is read from JSON");
  fuzz::Must(fhir::WriteJson(*by_json) == json, "and is the same");
  const std::string xml = fhir::WriteXml(*tree);
  const auto by_xml = fhir::ParseXmlResource(xml, fuzz::Definitions());
  fuzz::Must(by_xml.ok(), "what was written as XML is read again");
  fuzz::Must(fhir::WriteXml(*by_xml) == xml, "and is the same");
  return 0;
}
