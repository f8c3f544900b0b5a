// The parameters of a terminology operation, from a Parameters resource, a bare resource, or the query of a GET.
// Also what they all share: the request's own resources, versions, languages. https://hl7.org/fhir/R4/parameters.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "conformance/library/memory_source.h"
#include "conformance/terminology/terminology.h"
#include "interaction/operations.h"

namespace heyi::interaction {

class TxParameters {
 public:
  // Views into `call`, which outlives it. A body that is no Parameters is the parameter `bare`.
  TxParameters(const OperationCall& call, std::string_view bare);
  // Those of one part of a batch; what it does not say is as in `outer`, which outlives it.
  TxParameters(const base::JsonValue& parameters, const TxParameters& outer);

  // errors  kTooLarge terminology.too-many: more of one thing than limits.h allows
  base::Result<base::Done> WithinBounds() const;
  bool Has(std::string_view name) const;
  std::string Text(std::string_view name) const;                // of the first; empty where absent
  std::vector<std::string> Texts(std::string_view name) const;
  bool Flag(std::string_view name, bool otherwise) const;
  // errors  kMalformed terminology.parameter: no whole number of 0 or more
  base::Result<std::optional<uint32_t>> Count(std::string_view name) const;
  const base::JsonValue* Value(std::string_view name) const;    // value[x]; null where absent, or in a query
  const base::JsonValue* Resource(std::string_view name) const;
  std::vector<const base::JsonValue*> Resources(std::string_view name) const;

  conformance::VersionRules Versions() const;
  // displayLanguage, else what the request's header accepts.
  conformance::Languages Languages() const;
  conformance::TxCoding CodingAt(std::string_view name) const;  // empty where absent
  // The first that is there of codeableConcept, coding, and code with system and version by the names given.
  void Codings(std::string_view code, std::string_view coding, std::string_view system, std::string_view version,
               conformance::ValidateRequest& out) const;

  static conformance::TxCoding CodingOf(const base::JsonValue& value);

 private:
  struct Parameter {
    std::string_view name;
    const base::JsonValue* value = nullptr;     // value[x]
    const base::JsonValue* resource = nullptr;
    std::string_view text;                      // of a query
  };
  void Take(const base::JsonValue& parameters);
  const Parameter* Find(std::string_view name) const;

  std::vector<Parameter> parameters_;
  std::string_view accept_language_;
  const TxParameters* outer_ = nullptr;
};

// The service as one request sees it: with the resources that it brings, where it brings any.
class TxService {
 public:
  // `terminology` outlives it.
  //   errors  kInvalid terminology.tx-resource: one without url
  static base::Result<std::unique_ptr<TxService>> Of(const conformance::Terminology& terminology, const TxParameters& parameters);
  const conformance::Terminology& operator*() const { return with_own_ ? *with_own_ : below_; }
  const conformance::Terminology* operator->() const { return &**this; }

 private:
  explicit TxService(const conformance::Terminology& below) : below_(below) {}
  const conformance::Terminology& below_;
  conformance::MemorySource own_;
  std::unique_ptr<conformance::Terminology> with_own_;
};

// The canonical resource of the instance that the operation was called on; null at type level.
//   errors  kNotFound interaction.not-found
base::Result<std::shared_ptr<const base::JsonValue>> InstanceOf(const Plan& plan, const OperationCall& call);

}  // namespace heyi::interaction
