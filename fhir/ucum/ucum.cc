#include "fhir/ucum/ucum.h"

#include <cstdlib>
#include <vector>

#include "fhir/ucum/parser.h"

namespace heyi::fhir {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

Error UnitTooCostly(std::string_view what) { return Error(ErrorKind::kInvalid, "ucum.too-costly", {}, what); }

}  // namespace

// What each unit of the table is in base units.
class UcumAtomTable {
 public:
  UcumAtomTable() : units_(UcumAtoms().size()) {
    for (const UcumAtom& atom : UcumAtoms()) Fill(atom);
  }
  // Null only while the table is being filled, of a unit whose definition cannot be read.
  const UcumUnit* Get(const UcumAtom& atom) const {
    const std::optional<UcumUnit>& unit = units_[IndexOf(atom)];
    return unit ? &*unit : nullptr;
  }
  const UcumUnit* GetOrFill(const UcumAtom& atom) {
    Fill(atom);
    return Get(atom);
  }

 private:
  static size_t IndexOf(const UcumAtom& atom) { return static_cast<size_t>(&atom - UcumAtoms().data()); }
  void Fill(const UcumAtom& atom);

  std::vector<std::optional<UcumUnit>> units_;
};

// Multiplies units up as they are read; a bracket is a product of its own.
class UcumParser : public UcumEvents {
 public:
  explicit UcumParser(UcumAtomTable& filling) : filling_(&filling) {}
  UcumParser() = default;

  Result<Done> Number(std::string_view digits) override {
    UcumUnit number;
    const std::optional<Exact> value = Exact::Parse(digits);
    if (!value || value->is_zero()) return UnitTooCostly("a number that is none, or too large");
    number.factor_ = *value;
    return Take(number);
  }

  Result<Done> Symbol(const UcumPrefix* prefix, const UcumAtom& atom, int exponent) override {
    const UcumUnit* known = filling_ != nullptr ? filling_->GetOrFill(atom) : FullTable().Get(atom);
    if (known == nullptr) return UnitTooCostly("a unit without definition");
    std::optional<UcumUnit> unit = *known;
    if (prefix != nullptr) {
      Exact& scaled = unit->special() ? unit->scale_ : unit->factor_;
      const std::optional<Exact> value = scaled.Times(*Exact::Parse(prefix->value));
      if (!value) return UnitTooCostly("a number that is too large");
      scaled = *value;
    }
    if (exponent != 1) unit = unit->Power(exponent);
    if (!unit) return UnitTooCostly("a number that is too large");
    return Take(*unit);
  }

  void Operator(bool divides) override { open_.back().divides = divides; }
  void Open() override { open_.emplace_back(); }
  Result<Done> Close() override {
    const UcumUnit inner = open_.back().product;
    open_.pop_back();
    return Take(inner);
  }

  const UcumUnit& unit() const { return open_.front().product; }

 private:
  struct Product {
    UcumUnit product;
    bool divides = false;
  };

  Result<Done> Take(const UcumUnit& unit) {
    Product& here = open_.back();
    const std::optional<UcumUnit> product = Multiplied(here.product, unit, here.divides ? -1 : 1);
    if (!product) return UnitTooCostly("a number that is too large");
    here.product = *product;
    return Done{};
  }

  // A special unit goes only with numbers, which become its scale.
  static std::optional<UcumUnit> Multiplied(const UcumUnit& a, const UcumUnit& b, int sign) {
    const bool number_first = b.special() && sign > 0 && a.powers_.empty() && !a.special();
    const bool number_last = a.special() && b.powers_.empty() && !b.special();
    if (!number_first && !number_last) return a.Combined(b, sign);
    UcumUnit scaled = number_first ? b : a;
    const Exact& number = number_first ? a.factor_ : b.factor_;
    const std::optional<Exact> scale = number_first || sign > 0 ? scaled.scale_.Times(number) : scaled.scale_.Over(number);
    if (!scale) return std::nullopt;
    scaled.scale_ = *scale;
    return scaled;
  }

  static const UcumAtomTable& FullTable() {
    static const UcumAtomTable kTable;
    return kTable;
  }

  UcumAtomTable* filling_ = nullptr;  // while the table is made
  std::vector<Product> open_{1};
};

// Definitions lead to base units in a few steps; the table has no circles.
void UcumAtomTable::Fill(const UcumAtom& atom) {
  std::optional<UcumUnit>& entry = units_[IndexOf(atom)];
  if (entry) return;
  UcumUnit unit;
  if (atom.kind == UcumAtom::Kind::kBase || atom.arbitrary()) {
    unit.powers_.push_back({static_cast<int>(IndexOf(atom)), 1});
  } else if (atom.code == "[pi]") {
    unit.factor_ = Exact::Pi();
  } else {
    UcumParser parser(*this);
    if (!ReadUcum(atom.unit, parser).ok()) return;
    unit = parser.unit();
    const std::optional<Exact> value = Exact::Parse(atom.value);
    const std::optional<Exact> factor = value ? unit.factor_.Times(*value) : std::nullopt;
    if (!factor) return;
    unit.factor_ = *factor;
    unit.function_ = atom.function;
  }
  entry = std::move(unit);
}

Result<UcumUnit> UcumUnit::Parse(std::string_view code) {
  UcumParser parser;
  HEYI_CHECK(ReadUcum(code, parser));
  return parser.unit();
}

std::optional<UcumUnit> UcumUnit::Combined(const UcumUnit& other, int sign) const {
  UcumUnit product = *this;
  product.broken_ = broken_ || other.broken_ || special() || other.special();
  product.function_ = UcumFunction::kNone;
  const std::optional<Exact> factor = sign > 0 ? factor_.Times(other.factor_) : factor_.Over(other.factor_);
  if (!factor) return std::nullopt;
  product.factor_ = *factor;
  product.powers_.clear();
  auto mine = powers_.begin();
  auto theirs = other.powers_.begin();
  while (mine != powers_.end() || theirs != other.powers_.end()) {
    const int base = theirs == other.powers_.end() || (mine != powers_.end() && mine->base < theirs->base) ? mine->base
                                                                                                         : theirs->base;
    int power = 0;
    if (mine != powers_.end() && mine->base == base) power += (mine++)->power;
    if (theirs != other.powers_.end() && theirs->base == base) power += sign * (theirs++)->power;
    if (std::abs(power) > kExponentMax) return std::nullopt;
    if (power != 0) product.powers_.push_back({base, power});
  }
  return product;
}

std::optional<UcumUnit> UcumUnit::Power(int exponent) const {
  UcumUnit power;
  power.broken_ = broken_ || special();
  const std::optional<Exact> factor = factor_.Power(exponent);
  if (!factor) return std::nullopt;
  power.factor_ = *factor;
  for (const auto& [base, own] : powers_) {
    if (std::abs(own * exponent) > kExponentMax) return std::nullopt;
    if (exponent != 0) power.powers_.push_back({base, own * exponent});
  }
  return power;
}

std::string UcumUnit::CanonicalCode() const {
  std::string code;
  for (const auto& [base, power] : powers_) {
    if (!code.empty()) code += '.';
    code += UcumAtoms()[static_cast<size_t>(base)].code;
    if (power != 1) code += std::to_string(power);
  }
  return code.empty() ? "1" : code;
}

}  // namespace heyi::fhir
