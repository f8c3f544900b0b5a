// UCUM's grammar, once for all who read a unit. https://ucum.org/ucum § 7-14
#pragma once

#include <string_view>

#include "base/result.h"
#include "fhir/ucum/atoms.h"

namespace heyi::fhir {

// Told what a unit is made of, in the order of its text.
class UcumEvents {
 public:
  virtual ~UcumEvents() = default;
  virtual base::Result<base::Done> Number(std::string_view digits) = 0;
  virtual base::Result<base::Done> Symbol(const UcumPrefix* prefix, const UcumAtom& atom, int exponent) = 0;
  virtual base::Result<base::Done> Annotation(std::string_view) { return base::Done{}; }  // {…}: counts as 1
  virtual void Operator(bool /*divides*/) {}
  virtual void Open() {}
  virtual base::Result<base::Done> Close() { return base::Done{}; }
};

//   errors  kInvalid ucum.syntax, ucum.unknown-unit, ucum.too-costly; those of `events`
base::Result<base::Done> ReadUcum(std::string_view code, UcumEvents& events);

// `position` counts bytes from 1.
base::Error UcumSyntaxError(std::string_view code, size_t position, std::string_view what);

}  // namespace heyi::fhir
