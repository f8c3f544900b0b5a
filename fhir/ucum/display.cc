// A unit in words: each symbol in brackets with its prefix and power, operators between them.
#include <fmt/format.h>

#include "fhir/ucum/parser.h"
#include "fhir/ucum/ucum.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Result;

class Words : public UcumEvents {
 public:
  Result<Done> Number(std::string_view digits) override {
    Start();
    text_ += digits;
    return Done{};
  }
  Result<Done> Symbol(const UcumPrefix* prefix, const UcumAtom& atom, int exponent) override {
    Start();
    text_ += fmt::format("({}{}", prefix == nullptr ? "" : prefix->name, atom.name);
    if (exponent != 1) text_ += fmt::format(" ^ {}", exponent);
    text_ += ')';
    return Done{};
  }
  Result<Done> Annotation(std::string_view text) override {
    Start();
    text_ += fmt::format("{{{}}}", text);
    return Done{};
  }
  void Operator(bool divides) override { operator_ = divides ? "/" : "*"; }
  void Open() override {
    Start();
    text_ += '(';
  }
  Result<Done> Close() override {
    text_ += ')';
    return Done{};
  }
  std::string Take() { return std::move(text_); }

 private:
  void Start() {
    if (!text_.empty() && text_.back() != '(') text_ += ' ';
    if (!operator_.empty()) text_ += operator_ + " ";
    operator_.clear();
  }

  std::string text_;
  std::string operator_;
};

}  // namespace

Result<std::string> UcumDisplayName(std::string_view code) {
  Words words;
  HEYI_CHECK(ReadUcum(code, words));
  return words.Take();
}

}  // namespace heyi::fhir
