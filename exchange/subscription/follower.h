// From the feed to numbered events: looks at every committed version, decides which subscriptions it concerns and
// whether the subscriber may know of it, and gives the next number. Events, counts and the follower's cursor are one
// commit, so no event is counted twice and none is passed over, whatever stops when.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exchange/subscription/definition.h"
#include "exchange/subscription/ledger.h"
#include "interaction/services.h"

namespace heyi::exchange {

class SubscriptionFollower {
 public:
  // All outlive it. `wake` is told, after the commit, of each subscription with something new to do.
  SubscriptionFollower(const interaction::Services& services, const SubscriptionTerms& terms,
                       std::function<void(const std::string& id)> wake)
      : services_(services), terms_(terms), wake_(std::move(wake)) {}

  // Works off entries behind the cursor. One thread.
  //   returns  the t reached; false in `more` when nothing was left
  struct Advanced {
    uint64_t t = 0;
    bool more = false;
  };
  base::Result<Advanced> Advance();

  // Reads the subscriptions that the cursor has passed, and wakes each. Called by the first Advance, if not before.
  base::Result<base::Done> Load();

  bool has_subscribers() const { return !subscribers_.empty(); }

 private:
  struct Subscriber {
    SubscriberRow row;
    std::unique_ptr<SubscriptionDefinition> definition;  // null: not understood, so it has no events
  };
  // Entry and body within it that come next.
  struct Cursor {
    uint64_t t = 1;
    size_t body = 0;
    bool operator==(const Cursor&) const = default;
  };
  // What one round has made and not yet committed.
  struct Round {
    std::vector<store::Fact> facts;
    std::map<std::string, bool> touched;  // ids whose row changed
    std::shared_ptr<const store::Snapshot> snapshot;
  };
  struct Body {
    const fhir::Type* type;
    std::string id;
    uint64_t version;
    bool deleted;
    uint32_t label;
    uint64_t t;
    base::TimeMs time_ms;
  };

  static std::string EncodeCursor(const Cursor& cursor);
  static Cursor DecodeCursor(const std::string& text);

  base::Result<bool> TakeEntry(const store::EntryView& entry, Cursor& cursor, Round& round);
  base::Result<base::Done> TakeBody(const Body& body, Round& round);
  base::Result<base::Done> TakeSubscription(const Body& body, const audit::Leaf& leaf, Round& round);
  void Forget(const std::string& id, Round& round);
  std::unique_ptr<SubscriptionDefinition> Understand(const fhir::Tree& tree) const;
  bool AnyoneOf(const fhir::Type& type) const;
  // The policy row that lets the subscriber read it; empty where none does.
  std::string AllowedBy(const SubscriberRow& row, const Body& body) const;
  void AddEvent(const std::string& id, Subscriber& subscriber, const ResourceChange& change, const Body& body,
                const std::vector<uint64_t>& elders, std::string policy_row, Round& round);

  const interaction::Services& services_;
  const SubscriptionTerms& terms_;
  const std::function<void(const std::string&)> wake_;
  std::map<std::string, Subscriber> subscribers_;
  bool loaded_ = false;
  Cursor passed_;   // looked at already; the durable cursor may lie behind
};

}  // namespace heyi::exchange
