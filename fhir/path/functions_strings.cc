// https://hl7.org/fhirpath/N1/#string-manipulation. Positions count characters (Unicode code points).
#include <re2/re2.h>

#include <algorithm>

#include "fhir/path/functions.h"
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

// RE2 knows no back references and no look-around, and in return never takes exponential time.
//   flags  "i": letters of either case, "m": ^ and $ also at lines
base::Result<std::unique_ptr<RE2>> Regex(std::string_view pattern, std::string_view flags, Evaluator& evaluator) {
  RE2::Options options(RE2::Quiet);
  std::string with_flags;
  if (flags.find_first_not_of("im") != std::string_view::npos) return PathFailure("unknown flags of a regular expression");
  options.set_case_sensitive(flags.find('i') == std::string_view::npos);
  if (flags.find('m') != std::string_view::npos) {
    with_flags = "(?m)" + std::string(pattern);
    pattern = with_flags;
  }
  options.set_dot_nl(true);
  options.set_max_mem(1 << 20);
  evaluator.budget().Spend(pattern.size());
  auto regex = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!regex->ok()) return PathFailure("a regular expression that is none, or too large");
  return regex;
}

Result<std::string> FlagsArgument(Call& call, size_t i) {
  if (call.arguments() <= i) return std::string();
  HEYI_TRY(flags, call.TextArgument(i));
  return flags.value_or(std::string());
}

template <bool kWhole>
Result<Collection> Matches(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(pattern, call.TextArgument(0));
  HEYI_TRY(flags, FlagsArgument(call, 1));
  if (!text || !pattern) return Collection();
  if (kWhole) pattern = "^(?:" + *pattern + ")$";
  HEYI_TRY(regex, Regex(*pattern, flags, call.evaluator));
  const re2::StringPiece subject(text->data(), text->size());
  return OneBoolean(RE2::PartialMatch(subject, *regex));
}

// "$1" and "${1}" become RE2's "\1", "$$" a dollar.
std::string Rewrite(std::string_view substitution) {
  std::string rewrite;
  for (size_t i = 0; i < substitution.size(); ++i) {
    const char c = substitution[i];
    const std::string_view rest = substitution.substr(i + 1);
    const auto is_digit = [&](size_t at) { return at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; };
    if (c == '\\') {
      rewrite += "\\\\";
    } else if (c == '$' && is_digit(0)) {
      rewrite += '\\';
      rewrite += rest[0];
      ++i;
    } else if (c == '$' && rest.starts_with('{') && is_digit(1) && rest.size() > 2 && rest[2] == '}') {
      rewrite += '\\';
      rewrite += rest[1];
      i += 3;
    } else {
      rewrite += c;
      if (c == '$' && rest.starts_with('$')) ++i;
    }
  }
  return rewrite;
}

Result<Collection> ReplaceMatches(Call& call) {
  HEYI_TRY(text, call.SingleText());
  HEYI_TRY(pattern, call.TextArgument(0));
  HEYI_TRY(substitution, call.TextArgument(1));
  HEYI_TRY(flags, FlagsArgument(call, 2));
  if (!text || !pattern || !substitution) return Collection();
  if (pattern->empty()) return OneText(std::string(*text), call.evaluator);
  HEYI_TRY(regex, Regex(*pattern, flags, call.evaluator));
  const std::string rewrite = Rewrite(*substitution);
  std::string error;
  if (!regex->CheckRewriteString(rewrite, &error)) return PathFailure("a substitution for groups that are not there");
  if ((text->size() + 1) * (rewrite.size() + 1) > (kTextMax << 6)) {
    return base::Error(base::ErrorKind::kInvalid, "path.too-costly", {}, "replaceMatches() of long texts");
  }
  std::string replaced(*text);
  RE2::GlobalReplace(&replaced, *regex, rewrite);
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
