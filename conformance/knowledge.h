// What a running server knows of definitions: HL7's base library, installed packages, what the store holds; and what
// works on them, the terminology and the validator.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "conformance/library/layered_source.h"
#include "conformance/library/library.h"
#include "conformance/terminology/terminology.h"
#include "conformance/validate/validator.h"

namespace heyi::conformance {

class Knowledge {
 public:
  // Our guide's library and HL7's base library, which the build puts beside the definitions pack.
  static std::vector<std::string> BuiltIn(std::string_view pack_path);

  // `definitions` and `stored` (null: nothing is stored) outlive it. Packages are the *.definitions files of a directory;
  // none where there is no such directory. `built_in` come last: BuiltIn(), or none. Of two versions of one package both serve, the later first.
  //   errors  kInternal conformance.definitions
  static base::Result<std::unique_ptr<Knowledge>> Open(const fhir::Definitions& definitions, const std::vector<std::string>& built_in,
                                                       const std::string& packages_directory, const CanonicalSource* stored);

  const CanonicalSource& source() const { return *source_; }
  const Terminology& terminology() const { return *terminology_; }
  const Validator& validator() const { return *validator_; }
  const std::vector<std::unique_ptr<Library>>& libraries() const { return libraries_; }  // packages, then the built-in ones

 private:
  Knowledge() = default;
  std::vector<std::unique_ptr<Library>> libraries_;
  std::unique_ptr<LayeredSource> source_;
  std::unique_ptr<Terminology> terminology_;
  std::unique_ptr<Validator> validator_;
};

}  // namespace heyi::conformance
