// Sources, places, guards and lenses of pair maps as FHIRPath, for their export to the mapping language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/pair/program.h"

namespace heyi::mapping {

// What variables the message's parts stand in.
inline constexpr std::string_view kExportMessage = "message";
inline constexpr std::string_view kExportItem = "item";
inline constexpr std::string_view kExportEnvelope = "envelope";
inline constexpr std::string_view kExportRecord = "record";
inline constexpr std::string_view kExportBundle = "bundle";
// What a rule reads, and what a lens makes of it.
inline constexpr std::string_view kExportValue = "value";
inline constexpr std::string_view kExportMade = "made";

std::string_view VariableOf(const Source& source);

// Whether it is a plain way through members, which a source of a rule can say without FHIRPath.
bool IsPlainField(const Source& source);

// The value, empty where it is absent. Nullopt where FHIRPath cannot say it; then `reason` tells why.
std::optional<std::string> ValuePath(const MapProgram& program, const Source& source, std::string* reason);

// A field of what `variable` holds.
std::string FieldText(std::string_view variable, const FieldPath& field);

// The place in what `variable` holds; the first one that fits.
std::string PlaceText(std::string_view variable, const FhirPath& path);
// One that is a plain way through members, without choices.
bool IsPlainPlace(const FhirPath& path);

// True or false; nullopt as ValuePath.
std::optional<std::string> InwardGuard(const MapProgram& program, const Guard& guard, std::string* reason);
std::string OutwardGuard(std::string_view variable, const Guard& guard);

// What a lens makes of the text in `value`, an expression; empty: the value itself. Not of tables. Nullopt as ValuePath.
std::optional<std::string> InwardLens(const MapProgram& program, const Lens& lens, const std::string& value, bool date_only, std::string* reason);
// What must hold for it; empty: nothing.
std::optional<std::string> InwardLensCondition(const MapProgram& program, const Lens& lens, const std::string& value, std::string* reason);
std::string OutwardLens(const Lens& lens, const std::string& value, adapters::FieldKind kind);
std::string OutwardLensCondition(const Lens& lens, const std::string& value);

// "a and b" of those that are not empty.
std::string AllOf(const std::vector<std::string>& conditions);

// 'a' | 'b' in brackets, or 'a' = where there is one: "(x in ('a' | 'b'))".
std::string IsOneOfTexts(const std::string& value, const std::vector<std::string>& texts, bool numbers);

}  // namespace heyi::mapping
