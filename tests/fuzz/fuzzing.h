// What the fuzz targets have in common.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/model/definitions.h"

namespace heyi::fuzz {

constexpr base::TimeMs kNowMs = 1'790'000'000'000;

inline const fhir::Definitions& Definitions() {
  static const std::shared_ptr<const fhir::Definitions> definitions = [] {
    auto loaded = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!loaded.ok()) std::abort();
    return *loaded;
  }();
  return *definitions;
}

inline std::string Text(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

// Aborts, so that the fuzzer keeps the input.
inline void Must(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

inline const fhir::Tree& FixedPatient() {
  static const fhir::Tree patient = [] {
    auto tree = fhir::ParseResource(R"({"resourceType":"Patient","id":"p","meta":{"versionId":"1","tag":[{"system":"http://t.example/t","code":"x"}]},
      "contained":[{"resourceType":"Organization","id":"o","name":"x"}],"extension":[{"url":"http://t.example/e","valueQuantity":{"value":1.50,
      "system":"http://unitsofmeasure.org","code":"kg"}}],
      "identifier":[{"system":"http://t.example/i","value":"1"},{"use":"official","value":"2"}],"active":true,"name":[{"use":"official","family":"A",
      "given":["B","C"],"_given":[null,{"id":"g"}]},{"text":"D"}],
      "telecom":[{"system":"phone","value":"021-5550101","rank":2}],"gender":"male","birthDate":"1940-02-03",
      "_birthDate":{"extension":[{"url":"http://t.example/t","valueDateTime":"1940-02-03T04:05:06+08:00"}]},
      "deceasedBoolean":false,"multipleBirthInteger":2,"managingOrganization":{"reference":"#o"},"contact":[{"name":{"text":"E"},
      "period":{"start":"2020","end":"2021-01-01"}}]})",
                                    Definitions());
    if (!tree.ok()) std::abort();
    return std::move(*tree);
  }();
  return patient;
}

}  // namespace heyi::fuzz
