// Extended operations (`$name`), registered by whoever has them: care/, exchange/, and interaction/ itself.
// https://hl7.org/fhir/R4/operations.html
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "interaction/plan.h"

namespace heyi::interaction {

enum class Level : uint8_t { kSystem = 1, kType = 2, kInstance = 4 };

struct OperationCall {
  const fhir::Type* type = nullptr;        // null at system level
  std::string id;                          // at instance level
  const fhir::Tree* parameters = nullptr;  // the body (Parameters or a resource); null where none
  Query query;
  const base::JsonValue* json = nullptr;   // the body as it stands, of an operation that takes_json; then no tree is made
  std::string_view accept_language = {};
};

// A resource version that an answer shows: for the audit leaf.
struct ShownResource {
  std::string type, id;
  uint64_t version = 0;
  std::vector<uint64_t> elders;
};

struct OperationAnswer {
  std::string json;                 // the resource that answers
  int status = 200;
  std::optional<Plan::Put> written = {};  // instead of `json`: this resource of the plan answers, as it was committed
  std::vector<ShownResource> shown = {};  // what it shows beside the resource that it was asked on
};

class Operation {
 public:
  virtual ~Operation() = default;
  virtual std::string_view name() const = 0;        // "transition", without $
  virtual std::string_view definition() const = 0;  // canonical of the OperationDefinition
  virtual std::string_view type() const = 0;        // resource type, or empty: any and system
  virtual unsigned levels() const = 0;              // bits of Level
  virtual bool changes() const = 0;                 // writes; then only POST, and it may stand in a transaction
  virtual bool takes_json() const { return false; }  // its body may hold resources of other FHIR versions

  // Reads and writes through `plan`; what it wrote is committed with the plan.
  virtual base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const = 0;
};

class Operations {
 public:
  void Register(std::unique_ptr<Operation> operation) { operations_.push_back(std::move(operation)); }
  bool Has(std::string_view name) const;  // on any type and level
  const Operation* Find(std::string_view name, const fhir::Type* type, Level level) const;
  const std::vector<std::unique_ptr<Operation>>& all() const { return operations_; }

 private:
  std::vector<std::unique_ptr<Operation>> operations_;
};

// The value of a Parameters.parameter of that name: its value[x] node, or false-y.
fhir::Node ParameterValue(const fhir::Tree& parameters, std::string_view name);
// Its text; for a Reference its `reference`; empty where absent.
std::string_view ParameterText(const fhir::Tree& parameters, std::string_view name);
// The resource of a parameter; false-y where absent.
fhir::Node ParameterResource(const fhir::Tree& parameters, std::string_view name);

}  // namespace heyi::interaction
