// https://hl7.org/fhirpath/N1/#string-manipulation. Positions count characters (Unicode code points).
#include <algorithm>

#include "fhir/path/functions.h"
#include "fhir/path/regex.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Text = std::optional<std::string_view>;

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

int64_t Length(std::string_view text) { return std::count_if(text.begin(), text.end(), StartsCharacter); }

// The byte offset of the character at `position`; the text's size behind the last one.
size_t OffsetOf(std::string_view text, int64_t position) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (StartsCharacter(text[at]) && position-- == 0) break;
  }
  return at;
}

Result<Collection> OneText(std::string text, Evaluator& evaluator) {
  if (text.size() > kTextMax || !evaluator.budget().Spend(text.size() / kTextBytesPerStep)) {
    return base::Error(base::ErrorKind::kInvalid, "path.too-costly", {}, "a text of more than 1 MiB");
  }
  return One(MakeString(std::move(text)));
}

// Functions of a text and one text argument that must both be there.
template <typename Body>
Result<Collection> WithText(Call& call, Body body) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(argument, call.TextArgument(0));
  if (!text || !argument) return Collection();
  return body(*text, std::string_view(*argument));
}

Result<Collection> IndexOf(Call& call) {
  return WithText(call, [](std::string_view text, std::string_view part) {
    const size_t at = text.find(part);
    return One(MakeInteger(at == std::string_view::npos ? -1 : Length(text.substr(0, at))));
  });
}
Result<Collection> LastIndexOf(Call& call) {
  return WithText(call, [](std::string_view text, std::string_view part) {
    const size_t at = text.rfind(part);
    return One(MakeInteger(at == std::string_view::npos ? -1 : Length(text.substr(0, at))));
  });
}
Result<Collection> StartsWith(Call& call) {
  return WithText(call, [](std::string_view text, std::string_view part) {
    return OneBoolean(text.starts_with(part));
  });
}
Result<Collection> EndsWith(Call& call) {
  return WithText(call, [](std::string_view text, std::string_view part) {
    return OneBoolean(text.ends_with(part));
  });
}
Result<Collection> Contains(Call& call) {
  return WithText(call, [](std::string_view text, std::string_view part) {
    return OneBoolean(text.find(part) != std::string_view::npos);
  });
}

Result<Collection> Substring(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(start, call.IntegerArgument(0));
  std::optional<int64_t> length;
  if (call.arguments() > 1) {
    HEYI_TRY(given, call.IntegerArgument(1));
    length = given;
  }
  if (!text || !start || *start < 0 || *start >= Length(*text)) return Collection();
  std::string_view rest = text->substr(OffsetOf(*text, *start));
  if (length) rest = rest.substr(0, OffsetOf(rest, std::max<int64_t>(*length, 0)));
  return OneText(std::string(rest), call.evaluator);
}

// ASCII only: what the specification asks for beyond it depends on the language.
template <char kFrom, int kShift>
Result<Collection> ChangeCase(Call& call) {
  HEYI_TRY(text, call.SingleText());
  if (!text) return Collection();
  std::string changed(*text);
  for (char& c : changed) {
    if (c >= kFrom && c <= kFrom + 25) c = static_cast<char>(c + kShift);
  }
  return OneText(std::move(changed), call.evaluator);
}

Result<Collection> Replace(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(pattern, call.TextArgument(0));
  HEYI_TRY(substitution, call.TextArgument(1));
  if (!text || !pattern || !substitution) return Collection();
  std::string replaced;
  size_t at = 0;
  while (at <= text->size() && replaced.size() <= kTextMax) {
    if (pattern->empty()) {  // stands between all characters
      replaced += *substitution;
      if (at == text->size()) break;
      const size_t next = at + OffsetOf(text->substr(at), 1);
      replaced += text->substr(at, next - at);
      at = next;
      continue;
    }
    const size_t found = text->find(*pattern, at);
    replaced += text->substr(at, found == std::string_view::npos ? found : found - at);
    if (found == std::string_view::npos) break;
    replaced += *substitution;
    at = found + pattern->size();
  }
  return OneText(std::move(replaced), call.evaluator);
}

Result<std::string> FlagsArgument(Call& call, size_t i) {
  if (call.arguments() <= i) return std::string();
  HEYI_TRY(flags, call.TextArgument(i));
  return flags.value_or(std::string());
}

// The regular expression that the arguments say, compiled here unless the compiler could.
Result<std::shared_ptr<const PathRegex>> RegexArgument(Call& call, std::string_view pattern, size_t flags_at, bool whole) {
  if (call.regex() != nullptr) return call.regex();
  HEYI_TRY(flags, FlagsArgument(call, flags_at));
  call.evaluator.budget().Spend(pattern.size());
  HEYI_TRY(compiled, PathRegex::Compile(pattern, flags, whole));
  return std::shared_ptr<const PathRegex>(std::make_shared<PathRegex>(std::move(compiled)));
}

template <bool kWhole>
Result<Collection> Matches(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(pattern, call.TextArgument(0));
  if (!text || !pattern) return Collection();
  HEYI_TRY(regex, RegexArgument(call, *pattern, 1, kWhole));
  return OneBoolean(regex->Matches(*text));
}

Result<Collection> ReplaceMatches(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(pattern, call.TextArgument(0));
  HEYI_TRY(substitution, call.TextArgument(1));
  if (!text || !pattern || !substitution) return Collection();
  if (pattern->empty()) return OneText(std::string(*text), call.evaluator);
  HEYI_TRY(regex, RegexArgument(call, *pattern, 2, false));
  HEYI_TRY(replaced, regex->Replaced(*text, *substitution));
  return OneText(std::move(replaced), call.evaluator);
}

Result<Collection> TextLength(Call& call) {
  HEYI_TRY(text, call.SingleText());
  return text ? One(MakeInteger(Length(*text))) : Collection();
}

Result<Collection> ToChars(Call& call) {
  HEYI_TRY(text, call.SingleText());
  Collection characters;
  for (size_t at = 0; text && at < text->size();) {
    const size_t next = at + OffsetOf(text->substr(at), 1);
    characters.push_back(MakeString(std::string(text->substr(at, next - at))));
    at = next;
    HEYI_CHECK(call.evaluator.CheckCost(characters.size()));
  }
  return characters;
}

constexpr Function kStringsFunctions[] = {
    {"indexOf", 1, 1, Takes::kValues, false, IndexOf},
    {"lastIndexOf", 1, 1, Takes::kValues, false, LastIndexOf},
    {"substring", 1, 2, Takes::kValues, false, Substring},
    {"startsWith", 1, 1, Takes::kValues, false, StartsWith},
    {"endsWith", 1, 1, Takes::kValues, false, EndsWith},
    {"contains", 1, 1, Takes::kValues, false, Contains},
    {"upper", 0, 0, Takes::kValues, false, ChangeCase<'a', 'A' - 'a'>},
    {"lower", 0, 0, Takes::kValues, false, ChangeCase<'A', 'a' - 'A'>},
    {"replace", 2, 2, Takes::kValues, false, Replace},
    {"matches", 1, 2, Takes::kValues, false, Matches<false>},
    {"matchesFull", 1, 2, Takes::kValues, false, Matches<true>},
    {"replaceMatches", 2, 3, Takes::kValues, false, ReplaceMatches},
    {"length", 0, 0, Takes::kValues, false, TextLength},
    {"toChars", 0, 0, Takes::kValues, false, ToChars},
};

}  // namespace

std::span<const Function> StringFunctions() { return kStringsFunctions; }

}  // namespace heyi::fhir
