#include "interaction/terminology/tx_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "interaction/limits.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

TxParameters::TxParameters(const OperationCall& call, std::string_view bare) : accept_language_(call.accept_language) {
  if (call.json != nullptr) {
    if (call.json->StringAt("resourceType") == "Parameters") Take(*call.json);
    else parameters_.push_back({bare, nullptr, call.json, {}});
  }
  for (const auto& [name, value] : call.query) parameters_.push_back({name, nullptr, nullptr, value});
}

TxParameters::TxParameters(const JsonValue& parameters, const TxParameters& outer) : accept_language_(outer.accept_language_), outer_(&outer) {
  Take(parameters);
}

void TxParameters::Take(const JsonValue& parameters) {
  for (const JsonValue& item : parameters["parameter"].items()) {
    Parameter parameter;
    parameter.name = item.StringAt("name");
    for (const JsonValue::Member& member : item.members()) {
      if (member.first.starts_with("value")) parameter.value = &member.second;
    }
    parameter.resource = item.Find("resource");
    parameters_.push_back(parameter);
  }
}

const TxParameters::Parameter* TxParameters::Find(std::string_view name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return &parameter;
  }
  return outer_ == nullptr ? nullptr : outer_->Find(name);
}

base::Result<base::Done> TxParameters::WithinBounds() const {
  std::map<std::string_view, size_t> counts;
  for (const Parameter& parameter : parameters_) {
    const bool codings = parameter.value != nullptr && (*parameter.value)["coding"].items().size() > kTxCodingsMax;
    if (codings || ++counts[parameter.name] > kTxListedMax) {
      return Error(ErrorKind::kTooLarge, "terminology.too-many", {}, base::ClipUtf8(parameter.name, 60));
    }
  }
  return base::Done{};
}

bool TxParameters::Has(std::string_view name) const { return Find(name) != nullptr; }

std::string TxParameters::Text(std::string_view name) const {
  const Parameter* parameter = Find(name);
  if (parameter == nullptr) return {};
  return parameter->value == nullptr ? std::string(parameter->text) : parameter->value->text();
}

std::vector<std::string> TxParameters::Texts(std::string_view name) const {
  std::vector<std::string> texts;
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) texts.emplace_back(parameter.value == nullptr ? parameter.text : std::string_view(parameter.value->text()));
  }
  if (texts.empty() && outer_ != nullptr) return outer_->Texts(name);
  return texts;
}

bool TxParameters::Flag(std::string_view name, bool otherwise) const {
  const std::string text = Text(name);
  return text.empty() ? otherwise : text == "true";
}

base::Result<std::optional<uint32_t>> TxParameters::Count(std::string_view name) const {
  if (!Has(name)) return std::optional<uint32_t>();
  const std::string text = Text(name);
  uint64_t count = 0;
  if (!base::ParseUnsigned(text, &count) || count > INT32_MAX) {
    return Error(ErrorKind::kMalformed, "terminology.parameter", std::string(name), base::ClipUtf8(text, 60));
  }
  return std::optional<uint32_t>(static_cast<uint32_t>(count));
}

const JsonValue* TxParameters::Value(std::string_view name) const {
  const Parameter* parameter = Find(name);
  return parameter == nullptr ? nullptr : parameter->value;
}

const JsonValue* TxParameters::Resource(std::string_view name) const {
  const Parameter* parameter = Find(name);
  return parameter == nullptr ? nullptr : parameter->resource;
}

std::vector<const JsonValue*> TxParameters::Resources(std::string_view name) const {
  std::vector<const JsonValue*> resources;
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name && parameter.resource != nullptr) resources.push_back(parameter.resource);
  }
  return resources;
}

conformance::VersionRules TxParameters::Versions() const {
  const auto pairs = [this](std::string_view name, std::vector<conformance::SystemVersion>& out) {
    for (const std::string& text : Texts(name)) {
      const conformance::Canonical canonical = conformance::Canonical::Of(text);
      if (!canonical.url.empty() && !canonical.version.empty()) out.emplace_back(canonical.url, canonical.version);
    }
  };
  conformance::VersionRules rules;
  pairs("system-version", rules.defaults);
  pairs("check-system-version", rules.checks);
  pairs("force-system-version", rules.forces);
  pairs("default-valueset-version", rules.value_sets);
  rules.supplements = Texts("useSupplement");
  return rules;
}

conformance::Languages TxParameters::Languages() const {
  const std::string asked = Text("displayLanguage");
  return conformance::Languages::Parse(asked.empty() ? accept_language_ : std::string_view(asked));
}

conformance::TxCoding TxParameters::CodingOf(const JsonValue& value) {
  return {std::string(value.StringAt("system")), std::string(value.StringAt("version")), std::string(value.StringAt("code")),
          std::string(value.StringAt("display"))};
}

conformance::TxCoding TxParameters::CodingAt(std::string_view name) const {
  if (const JsonValue* value = Value(name)) return CodingOf(*value);
  // In a query a Coding can only come as a token.
  const std::string text = Text(name);
  const size_t bar = text.find('|');
  if (bar == std::string::npos) return {{}, {}, text, {}};
  return {text.substr(0, bar), {}, text.substr(bar + 1), {}};
}

void TxParameters::Codings(std::string_view code, std::string_view coding, std::string_view system, std::string_view version,
                           conformance::ValidateRequest& out) const {
  using Form = conformance::ValidateRequest::Form;
  if (const JsonValue* concept_ = Value("codeableConcept")) {
    out.form = Form::kCodeableConcept;
    for (const JsonValue& item : (*concept_)["coding"].items()) out.codings.push_back(CodingOf(item));
  } else if (Has(coding)) {
    out.form = Form::kCoding;
    out.codings.push_back(CodingAt(coding));
  } else if (Has(code)) {
    out.form = Form::kCode;
    out.codings.push_back({Text(system), Text(version), Text(code), Text("display")});
  }
}

base::Result<std::unique_ptr<TxService>> TxService::Of(const conformance::Terminology& terminology, const TxParameters& parameters) {
  std::unique_ptr<TxService> service(new TxService(terminology));
  for (const JsonValue* resource : parameters.Resources("tx-resource")) {
    const std::vector<std::string> here = service->own_.Versions(resource->StringAt("resourceType"), resource->StringAt("url"));
    if (std::find(here.begin(), here.end(), resource->StringAt("version")) != here.end()) continue;  // the first of its name stands
    if (!service->own_.Add(*resource)) {
      return Error(ErrorKind::kInvalid, "terminology.tx-resource", "tx-resource", resource->StringAt("resourceType"));
    }
  }
  if (!service->own_.empty()) service->with_own_ = std::make_unique<conformance::Terminology>(service->own_, terminology);
  return service;
}

base::Result<std::shared_ptr<const JsonValue>> InstanceOf(const Plan& plan, const OperationCall& call) {
  if (call.id.empty()) return std::shared_ptr<const JsonValue>();
  HEYI_TRY(record, plan.snapshot().Current(*call.type, call.id));
  if (!record || record->deleted) return Error(ErrorKind::kNotFound, "interaction.not-found", {}, fmt::format("{}/{}", call.type->name, call.id));
  HEYI_TRY(text, plan.snapshot().Json(*record));
  HEYI_TRY(json, base::ParseJson(std::move(text)));
  return std::make_shared<const JsonValue>(std::move(json));
}

}  // namespace heyi::interaction
