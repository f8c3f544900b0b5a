// A runner knows one corpus: its files, what each case asks, and when it has passed.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "cli/corpora/report.h"
#include "fhir/search/parameters.h"

namespace heyi::cli {

struct Corpus {
  std::string directory;                                    // of this corpus
  std::shared_ptr<const fhir::SearchParameters> parameters;
  size_t every = 1;                                         // only every n-th file, where a corpus is files
};

inline constexpr base::TimeMs kNowMs = 1'700'000'000'000;              // the clock of cases that have none
inline constexpr std::string_view kSame = "the same back";  // what a round trip should come to

struct Runner {
  std::string_view name;  // and its folder's
  // An error means that the corpus could not be run; what its cases come to goes into the report.
  base::Result<base::Done> (*run)(const Corpus& corpus, Report& report);
};

std::span<const Runner> Runners();  // corpora.cc

base::Result<base::Done> RunJsonTorture(const Corpus& corpus, Report& report);  // json_torture.cc
base::Result<base::Done> RunXmlTorture(const Corpus& corpus, Report& report);   // xml_torture.cc
base::Result<base::Done> RunR4Examples(const Corpus& corpus, Report& report);   // r4_examples.cc
base::Result<base::Done> RunSynthea(const Corpus& corpus, Report& report);      // synthea_120.cc
base::Result<base::Done> RunSearchCases(const Corpus& corpus, Report& report);  // search_cases.cc
base::Result<base::Done> RunFhirPath(const Corpus& corpus, Report& report);     // fhirpath_r4.cc
base::Result<base::Done> RunFhirPathJs(const Corpus& corpus, Report& report);   // fhirpath_js.cc
base::Result<base::Done> RunUcum(const Corpus& corpus, Report& report);         // ucum.cc
base::Result<base::Done> RunPatch(const Corpus& corpus, Report& report);        // patch_r4.cc
base::Result<base::Done> RunValidator(const Corpus& corpus, Report& report);    // validator_r4.cc
base::Result<base::Done> RunTerminology(const Corpus& corpus, Report& report);  // tx.cc
base::Result<base::Done> RunFml(const Corpus& corpus, Report& report);          // fml.cc
base::Result<base::Done> RunHl7V2(const Corpus& corpus, Report& report);        // hl7v2.cc

}  // namespace heyi::cli
