// What a client may do wrong over HTTP, row by row, against the running server: each gets its status and issue code, the
// server lives on, and nothing has been stored. The rows' names are those of our catalogue of bad inputs.
#include <functional>

#include "tests/net/wire.h"
#include "tests/server/running_house.h"

namespace heyi::server {
namespace {

std::string Many(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Row {
  std::string name, method, target, body;
  std::vector<int> statuses;
  std::string codes;  // issue codes that will do, apart by blanks; empty: none is looked at
  std::string headers = {};
};

std::string Patient(std::string_view members) { return R"({"resourceType":"Patient",)" + std::string(members) + "}"; }
Row Post(std::string name, std::string body, std::vector<int> statuses, std::string codes) {
  return {std::move(name), "POST", "/fhir/Patient", std::move(body), std::move(statuses), std::move(codes)};
}
Row Get(std::string name, std::string target, std::vector<int> statuses, std::string codes) {
  return {std::move(name), "GET", std::move(target), "", std::move(statuses), std::move(codes)};
}
std::string Element(std::string_view content) { return "<Patient xmlns=\"http://hl7.org/fhir\">" + std::string(content) + "</Patient>"; }
std::string ManyNumbered(std::string_view before, std::string_view behind, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out.append(before).append(std::to_string(i)).append(behind);
  return out;
}
Row Xml(std::string name, std::string body) {
  return {std::move(name), "POST", "/fhir/Patient", std::move(body), {400, 413}, "structure value too-long invalid not-supported", "Content-Type: application/fhir+xml\r\n"};
}
Row Bundle(std::string name, std::string entries, std::vector<int> statuses, std::string codes) {
  return {std::move(name), "POST", "/fhir", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + entries + "]}", std::move(statuses), std::move(codes)};
}

std::vector<Row> Rows() {
  const std::string put_patient = R"({"request":{"method":"PUT","url":"Patient/bad"},"resource":{"resourceType":"Patient","id":"bad"}})";
  std::vector<Row> rows = {
      // ---- addresses ----
      Get("U01 dot segments", "/fhir/Patient/%2e%2e/x", {400, 404}, "value not-found structure"),
      Get("U01 encoded slash", "/fhir/Patient/..%2fx", {400, 404}, "value not-found structure"),
      Get("U01 NUL", "/fhir/Patient/a%00b", {400}, "value structure"),
      Get("U01 overlong UTF-8", "/fhir/Patient?name=%c0%af", {400}, "value structure"),
      Get("U01 lone percent", "/fhir/Patient/a%", {400}, "value structure"),
      Get("U02 long id", "/fhir/Patient/" + Many("a", 65), {404}, "not-found"),
      Get("U02 underscore", "/fhir/Patient/a_b", {404}, "not-found"),
      {"U02 PUT long id", "PUT", "/fhir/Patient/" + Many("a", 65), Patient(R"("id":")" + Many("a", 65) + "\""), {400}, "value"},
      Get("U03 unknown type", "/fhir/Elder", {404}, "not-supported not-found"),
      // ---- searches ----
      Get("U04 unknown parameter", "/fhir/Patient?nme=x", {400}, "not-supported"),
      Get("U05 unknown modifier", "/fhir/Patient?name:fuzzy=x", {400}, "not-supported"),
      Get("U05 modifier of another type", "/fhir/Patient?birthdate:exact=2024", {400}, "not-supported"),
      Get("U06 month 13", "/fhir/Patient?birthdate=2024-13-01", {400}, "value"),
      Get("U06 30 February", "/fhir/Patient?birthdate=2024-02-30", {400}, "value"),
      Get("U06 prefix alone", "/fhir/Patient?birthdate=ge", {400}, "value"),
      Get("U06 year 0000", "/fhir/Patient?birthdate=0000", {400}, "value"),
      Get("U06 thousands of digits", "/fhir/Patient?birthdate=" + Many("1", 5'000), {400}, "value"),
      Get("U07 token", "/fhir/Patient?identifier=%7C%7C", {400}, "value"),
      Get("U08 negative count", "/fhir/Patient?_count=-1", {400}, "value"),
      Get("U08 count abc", "/fhir/Patient?_count=abc", {400}, "value"),
      Get("U08 count 2^63", "/fhir/Patient?_count=9223372036854775808", {200}, ""),
      Get("U11 1,001 alternatives", "/fhir/Patient?_id=" + Many("a,", 1'000) + "a", {400}, "too-costly"),
      Get("U11 101 criteria", "/fhir/Patient?" + Many("active=true&", 101), {400}, "too-costly"),
      Get("U12 contains one letter", "/fhir/Patient?name:contains=a", {400}, "too-costly"),
      Get("U13 sort unknown", "/fhir/Patient?_sort=nme", {400}, "value not-supported"),
      Get("U15 forged page", "/fhir/Patient?_cursor=abc", {400}, "value"),
      Get("U16 like a regex", "/fhir/Patient?name=(a%2B)%2B%24", {200}, ""),
      Get("U19 invalid UTF-8", "/fhir/Patient?name=%ff", {400}, "value structure"),
      Get("U19 surrogate", "/fhir/Patient?name=%ED%A0%80", {400}, "value structure"),
      Get("U19 NUL", "/fhir/Patient?name=a%00", {400}, "value structure"),
      Get("U20 four bytes", "/fhir/Patient?name=%F0%A0%AE%B7", {200}, ""),
      {"U17 form and query", "POST", "/fhir/Patient/_search?active=true", "name=x", {200}, "", "Content-Type: application/x-www-form-urlencoded\r\n"},
      {"U17 form of another type", "POST", "/fhir/Patient/_search", "name=x", {415}, "not-supported", "Content-Type: text/csv\r\n"},
      Get("U18 format", "/fhir/Patient?_format=evil", {406}, "not-supported"),
      {"U18 accept", "GET", "/fhir/Patient", "", {406}, "not-supported", "Accept: text/plain;q=1\r\n"},
      // ---- bodies ----
      Post("J01 blank", "  \n", {400}, "structure required"),
      Post("J01 only a byte order mark", "\xef\xbb\xbf", {400}, "structure required"),
      Post("J03 trailing NUL", Patient(R"("active":true)") + std::string(1, '\0'), {400}, "structure"),
      Post("J03 second document", Patient(R"("active":true)") + "{}", {400}, "structure"),
      Post("J03 comment", "{/*x*/\"resourceType\":\"Patient\"}", {400}, "structure"),
      Post("J03 single quotes", "{'resourceType':'Patient'}", {400}, "structure"),
      Post("J03 NaN", Patient(R"("multipleBirthInteger":NaN)"), {400}, "structure"),
      Post("J04 invalid UTF-8", Patient("\"language\":\"\xff\""), {400}, "structure"),
      Post("J04 overlong", Patient("\"language\":\"\xc0\xaf\""), {400}, "structure"),
      Post("J04 half a surrogate pair", Patient(R"("language":"\ud800")"), {400}, "structure"),
      Post("J05 NUL in a string", Patient(R"("language":"a\u0000")"), {400}, "value structure"),
      Post("J06 depth 1,000", Many("{\"a\":", 1'000), {400}, "too-long structure"),
      Post("J06 depth 1,000,000", Many("[", 1'000'000), {400, 413}, "too-long structure"),
      Post("J07 key twice", Patient(R"("active":true,"active":false)"), {400}, "structure"),
      Post("J08 a million keys", "{" + Many("\"a\":1,", 1'000'000) + "\"b\":1}", {400, 413}, "structure too-long"),
      Post("J10 string for boolean", Patient(R"("active":"true")"), {400}, "structure value"),
      Post("J10 number for string", Patient(R"("language":5)"), {400}, "structure value"),
      Post("J11 null", Patient(R"("active":null)"), {400}, "structure"),
      Post("J11 empty object", Patient(R"("maritalStatus":{})"), {400}, "structure"),
      Post("J11 empty list", Patient(R"("name":[])"), {400}, "structure"),
      Post("J11 empty string", Patient(R"("language":"")"), {400}, "structure"),
      Post("J11 blank string", Patient(R"("language":" ")"), {400}, "structure value"),
      Post("J12 lists of two lengths", Patient(R"("name":[{"given":["a","b"],"_given":[{"id":"x"},null,null]}])"), {400}, "structure"),
      Post("J13 unknown property", Patient(R"("colour":"red")"), {400}, "structure"),
      Post("J14 choice twice", Patient(R"("deceasedBoolean":true,"deceasedDateTime":"2024")"), {400}, "structure"),
      Post("J15 missing", R"({"resourceType":"Observation","status":"final"})", {400, 422}, "required structure value"),
      Post("J19 no type", "{\"active\":true}", {400}, "required structure value"),
      Post("J19 another type", R"({"resourceType":"Basic","code":{"text":"x"}})", {400}, "value structure"),
      Post("J19 unknown type", R"({"resourceType":"Elder"})", {400}, "structure value not-supported"),
      {"J20 id missing", "PUT", "/fhir/Patient/bad", Patient(R"("active":true)"), {400}, "value required"},
      {"J20 another id", "PUT", "/fhir/Patient/bad", Patient(R"("id":"worse")"), {400}, "value"},
      Post("J27 30 February", Patient(R"("birthDate":"2024-02-30")"), {400, 422}, "value"),
      Post("J29 AuditEvent", "{}", {400}, ""),
      {"J29 AuditEvent", "POST", "/fhir/AuditEvent", R"({"resourceType":"AuditEvent"})", {405}, "not-supported"},
      {"J34 JSON called CSV", "POST", "/fhir/Patient", Patient(R"("active":true)"), {415}, "not-supported", "Content-Type: text/csv\r\n"},
      {"J34 gbk", "POST", "/fhir/Patient", Patient(R"("active":true)"), {415}, "not-supported", "Content-Type: application/fhir+json; charset=gbk\r\n"},
      // ---- XML ----
      Xml("J30 DOCTYPE", "<!DOCTYPE Patient><Patient xmlns=\"http://hl7.org/fhir\"/>"),
      Xml("J30 external entity", "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Patient xmlns=\"http://hl7.org/fhir\"><language value=\"&x;\"/></Patient>"),
      Xml("J30 entity over the network", "<!DOCTYPE p SYSTEM \"http://127.0.0.1:1/x.dtd\"><Patient xmlns=\"http://hl7.org/fhir\"/>"),
      Xml("J30 parameter entity", "<!DOCTYPE p [<!ENTITY % x SYSTEM \"file:///x\">%x;]><Patient xmlns=\"http://hl7.org/fhir\"/>"),
      Xml("J30 a billion laughs", "<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><Patient xmlns=\"http://hl7.org/fhir\"><language value=\"&c;\"/></Patient>"),
      Xml("J30 undeclared entity", Element("<language value=\"&x;\"/>")),
      Xml("J31 depth 100,000", Element(Many("<contact>", 100'000))),
      Xml("J31 200,000 attributes", Element("<language" + ManyNumbered(" a", "=\"1\"", 200'000) + "/>")),
      Xml("J31 100,000 namespaces", Element("<language" + ManyNumbered(" xmlns:n", "=\"urn:x\"", 100'000) + "/>")),
      Xml("J31 an attribute twice", Element("<language value=\"a\" value=\"b\"/>")),
      Xml("J32 wrong namespace", "<Patient xmlns=\"http://elsewhere.example\"/>"),
      Xml("J32 no namespace", "<Patient/>"),
      Xml("J32 XHTML without its namespace", Element("<text><status value=\"generated\"/><div>x</div></text>")),
      Xml("J32 GB 18030 declared", "<?xml version=\"1.0\" encoding=\"GB18030\"?><Patient xmlns=\"http://hl7.org/fhir\"/>"),
      Xml("J32 UTF-16", std::string("\xff\xfe<\0P\0", 6)),
      Xml("J32 encoding lies", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + Element("<language value=\"\xc4\xe3\"/>")),
      Xml("J33 not well-formed", "<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"></Patient>"),
      Xml("J34 JSON called XML", "{\"resourceType\":\"Patient\"}"),
      Xml("unknown element", Element("<colour value=\"red\"/>")),
      Xml("text between elements", Element("red")),
      // ---- interactions ----
      {"I01 garbage If-Match", "PUT", "/fhir/Patient/bad", Patient(R"("id":"bad")"), {400}, "value", "If-Match: seven\r\n"},
      {"I01 If-Match of nothing", "PUT", "/fhir/Patient/bad", Patient(R"("id":"bad")"), {412}, "conflict", "If-Match: W/\"3\"\r\n"},
      Get("I04 version of nothing", "/fhir/Patient/bad/_history/1", {404}, "not-found"),
      Bundle("I06 the same resource twice", put_patient + "," + put_patient, {400}, "duplicate value structure"),
      Bundle("I06 full URL twice",
             R"({"fullUrl":"urn:uuid:1","request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}},)"
             R"({"fullUrl":"urn:uuid:1","request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}})",
             {400}, "duplicate value structure"),
      Bundle("I06 unresolved link", put_patient + R"(,{"request":{"method":"PUT","url":"Basic/bad"},"resource":{"resourceType":"Basic","id":"bad","code":{"text":"x"},)"
                                    R"("subject":{"reference":"urn:uuid:5e0e7a6f-0000-4000-8000-000000000000"}}})",
             {400}, "not-found value"),
      Bundle("I06 one bad of two", put_patient + R"(,{"request":{"method":"PUT","url":"Basic/bad"},"resource":{"resourceType":"Basic","id":"bad"}})", {422},
             "required structure value"),
      Bundle("I07 address elsewhere", R"({"request":{"method":"PUT","url":"http://elsewhere.example/Patient/bad"},"resource":{"resourceType":"Patient","id":"bad"}})",
             {400, 404}, "not-supported value not-found structure"),
      Bundle("I07 a bundle in a bundle", R"({"request":{"method":"POST","url":""},"resource":{"resourceType":"Bundle","type":"transaction"}})", {400, 404},
             "not-supported value structure"),
      {"I09 a type that is not taken here", "POST", "/fhir", R"({"resourceType":"Bundle","type":"document"})", {400}, "invariant value not-supported structure"},
      {"I09 no Bundle", "POST", "/fhir", R"({"resourceType":"Patient"})", {400}, "value structure not-supported"},
      {"method", "TRACE", "/fhir/Patient", "", {405, 501}, ""},
      {"conditional without criteria", "PUT", "/fhir/Patient", Patient(R"("active":true)"), {412}, "required"},
      {"conditional delete of everything", "DELETE", "/fhir/Patient", "", {412}, "required"},
  };
  return rows;
}

TEST(BadInput, IsAnsweredAndLeavesNothing) {
  RunningHouse house;
  const std::string token = house.Token("operator");
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    net::Wire wire(house.port());
    std::string request = row.method + " " + row.target + " HTTP/1.1\r\nHost: heyi\r\nAuthorization: Bearer " + token + "\r\n" + row.headers;
    if (!row.body.empty()) {
      if (row.headers.find("Content-Type") == std::string::npos) request += "Content-Type: application/fhir+json\r\n";
      request += "Content-Length: " + std::to_string(row.body.size()) + "\r\n";
    }
    wire.Send(request + "\r\n" + row.body);
    const net::WireAnswer answer = wire.Read(false, 30'000);
    EXPECT_NE(std::find(row.statuses.begin(), row.statuses.end(), answer.status), row.statuses.end()) << answer.status << "\n" << answer.body.substr(0, 500);
    if (row.codes.empty() || answer.status == 0) continue;
    const auto outcome = base::ParseJson(answer.body);
    ASSERT_TRUE(outcome.ok()) << answer.body.substr(0, 500);
    EXPECT_EQ(outcome->StringAt("resourceType"), "OperationOutcome");
    ASSERT_FALSE((*outcome)["issue"].items().empty());
    const std::string code((*outcome)["issue"].items()[0].StringAt("code"));
    EXPECT_NE((" " + row.codes + " ").find(" " + code + " "), std::string::npos) << code << "\n" << answer.body.substr(0, 500);
  }
  net::ClientRequest request;
  request.method = "GET";
  request.headers = {{"Authorization", "Bearer " + token}};
  for (const char* type : {"Patient", "Basic", "Observation", "Bundle"}) {
    const auto answer = house.Ask(request, std::string("/fhir/") + type + "?_summary=count");
    EXPECT_NE(answer.body.find("\"total\":0"), std::string::npos) << type << " " << answer.body;
  }
}

}  // namespace
}  // namespace heyi::server
