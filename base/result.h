// A value, or why there is none: our rooms return this instead of throwing.
#pragma once

#include <cstdlib>
#include <string_view>
#include <utility>
#include <variant>

#include "base/outcome.h"

namespace heyi::base {

// What kind of failure it is. One table maps these to HTTP (interaction/status.h), one to each department's
// acknowledgement; nothing else switches on them.
enum class ErrorKind : unsigned char {
  kMalformed,        // no tree can be built from the input
  kInvalid,          // a tree, but a rule of conformance or of the district is broken
  kUnauthenticated,  // who is asking?
  kForbidden,        // known, but may not
  kNotFound,
  kGone,             // was there, is deleted or expired
  kNotAllowed,       // this method on this resource
  kUnsupported,      // media type or feature we do not have
  kConflict,         // collides with what is stored
  kPrecondition,     // If-Match and friends
  kTooLarge,
  kThrottled,
  kStale,            // planned on a snapshot that has moved on: plan again
  kUnavailable,      // storage has stopped acknowledging, or is shutting down
  kInternal,         // we failed
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  Outcome outcome;

  Error(ErrorKind error_kind, Outcome why) : kind(error_kind), outcome(std::move(why)) {}
  Error(ErrorKind error_kind, std::string_view rule, std::string expression = {}, std::string_view detail = {})
      : kind(error_kind), outcome(MakeIssue(rule, std::move(expression), detail)) {}
};

struct Done {};  // the value of an operation that has none

template <typename T = Done>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return Checked(); }
  const T& value() const& { return const_cast<Result*>(this)->Checked(); }
  T&& value() && { return std::move(Checked()); }
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->Checked(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  T& Checked() {
    if (!ok()) std::abort();  // a broken invariant of ours; stop before it does damage
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

// Binds `name` to the value of a Result expression, or returns its error from the enclosing function.
#define HEYI_TRY(name, expression)                         \
  auto name##_result = (expression);                       \
  if (!name##_result.ok()) return std::move(name##_result).error(); \
  auto& name = *name##_result

// The same for a Result<Done>.
#define HEYI_CHECK(expression)                                           \
  do {                                                                   \
    auto heyi_check_result = (expression);                               \
    if (!heyi_check_result.ok()) return std::move(heyi_check_result).error(); \
  } while (false)

}  // namespace heyi::base
