// The terminology service: code systems, value sets and concept maps of a source, compiled once, asked from any thread.
// https://hl7.org/fhir/R4/terminology-service.html
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/library/memory_source.h"
#include "conformance/library/source.h"
#include "conformance/terminology/answers.h"
#include "conformance/terminology/code_system.h"

namespace heyi::conformance {

class TerminologyCache;  // cache.h
struct ResolvedValueSet;  // resolve.h

class Terminology {
 public:
  explicit Terminology(const CanonicalSource& source);  // `source` outlives it
  // The service of one request that brings resources of its own: they come first, all else is asked of `below`, and what
  // `below` has compiled is used. Both outlive it.
  Terminology(const MemorySource& own, const Terminology& below);
  ~Terminology();
  Terminology(const Terminology&) = delete;
  Terminology& operator=(const Terminology&) = delete;

  // Is the coding in the value set? For bindings. After the first time a look into sorted arrays.
  struct Membership {
    enum class Kind : uint8_t { kIn, kNotIn, kUnknown } kind = Kind::kUnknown;
    enum class Why : uint8_t { kNone, kValueSetUnknown, kCodeSystemUnknown, kCodeUnknown, kTooCostly, kBroken } why = Why::kNone;
    std::string detail;          // the value set or code system that is missing
    bool display_wrong = false;  // `display` was given, the code is known, and it has no such display
    bool inactive = false;
    std::string display;         // the right one, where it is known
  };
  //   value_set  canonical, "url" or "url|version"
  //   system     empty for elements of type code: then any system of the value set
  //   returns    kUnknown where the value set, or the code system it is about, is not here: no reason to refuse anything
  Membership InValueSet(std::string_view value_set, std::string_view system, std::string_view version, std::string_view code,
                        std::string_view display) const;
  // Is there such a code in the system? kUnknown where the system is not here, or is here only in part.
  Membership InCodeSystem(std::string_view system, std::string_view version, std::string_view code, std::string_view display) const;

  TxAnswer<std::shared_ptr<const Expansion>> Expand(const ExpandRequest& request) const;
  TxAnswer<ValidateResult> ValidateInValueSet(const ValueSetChoice& value_set, const ValidateRequest& request) const;
  TxAnswer<ValidateResult> ValidateInCodeSystem(const ValidateRequest& request) const;
  TxAnswer<LookupResult> Lookup(const LookupRequest& request) const;
  TxAnswer<Subsumption> Subsumes(const TxCoding& a, const TxCoding& b) const;
  TxAnswer<TranslateResult> Translate(const TranslateRequest& request) const;

  // The compiled code system; of several versions the latest where `version` is empty (a pattern with wildcards: the
  // latest that fits). Null where there is none.
  std::shared_ptr<const CodeSystem> System(std::string_view url, std::string_view version) const;
  const CanonicalSource& source() const { return *source_; }

 private:
  friend class Resolver;   // resolve.cc
  friend class Validation;  // validate_code.cc
  friend class Translation;  // translate.cc

  // The system with those of `supplements` that are its own. Null where the system is not here.
  TxAnswer<std::shared_ptr<const CodeSystem>> SystemSupplemented(std::string_view url, std::string_view version,
                                                                 const std::vector<std::string>& supplements) const;
  std::shared_ptr<const CodeSystem> SystemWith(const std::string& url, const std::string& version,
                                               const std::vector<std::string>& supplements) const;
  std::shared_ptr<const base::JsonValue> Map(const std::string& url, const std::string& version) const;  // null where there is none
  // The version that answers to `wanted` (empty: the latest; with wildcards: the latest that fits); null where none does.
  const std::string* PickVersion(const std::vector<std::string>& versions, std::string_view wanted) const;
  TxAnswer<std::shared_ptr<const ResolvedValueSet>> Resolve(const ValueSetChoice& choice, const VersionRules& rules,
                                                            const TxCoding* preferred) const;

  const MemorySource* own_ = nullptr;
  const Terminology* below_ = nullptr;
  std::unique_ptr<CanonicalSource> layered_;
  const CanonicalSource* source_;
  std::unique_ptr<TerminologyCache> cache_;
};

}  // namespace heyi::conformance
