// What every terminology operation is: it only reads, takes its body as it is, and asks the terminology service.
#pragma once

#include <memory>

#include "interaction/operations.h"
#include "interaction/terminology/tx_parameters.h"

namespace heyi::interaction {

inline constexpr unsigned kTypeLevel = static_cast<unsigned>(Level::kType);
inline constexpr unsigned kTypeAndInstance = kTypeLevel | static_cast<unsigned>(Level::kInstance);

class TxOperation : public Operation {
 public:
  TxOperation(std::string_view name, std::string_view definition, std::string_view type, std::string_view bare, unsigned levels)
      : name_(name), definition_(definition), type_(type), bare_(bare), levels_(levels) {}

  std::string_view name() const override { return name_; }
  std::string_view definition() const override { return definition_; }
  std::string_view type() const override { return type_; }
  unsigned levels() const override { return levels_; }
  bool changes() const override { return false; }
  bool takes_json() const override { return true; }
  // errors  kUnavailable terminology.none
  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const final;

 protected:
  struct Asked {
    const TxParameters& parameters;
    const conformance::Terminology& terminology;
    const base::Context& context;
    std::shared_ptr<const base::JsonValue> instance;  // null at type level
  };
  virtual base::Result<OperationAnswer> Answer(const Asked& asked) const = 0;

 private:
  const std::string_view name_, definition_, type_, bare_;
  const unsigned levels_;
};

// The value set that is meant: the instance, or valueSet, or url with its version.
conformance::ValueSetChoice ValueSetOf(const TxParameters& parameters, const std::shared_ptr<const base::JsonValue>& instance);

std::unique_ptr<Operation> MakeExpand();               // expand.cc
std::unique_ptr<Operation> MakeValidateInValueSet();   // validate_code.cc
std::unique_ptr<Operation> MakeValidateInCodeSystem();
std::unique_ptr<Operation> MakeBatchValidate(std::string_view type);
std::unique_ptr<Operation> MakeLookup();               // lookup.cc
std::unique_ptr<Operation> MakeSubsumes();
std::unique_ptr<Operation> MakeTranslate();            // translate.cc
std::unique_ptr<Operation> MakeClosure();              // closure.cc

}  // namespace heyi::interaction
