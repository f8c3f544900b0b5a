#include "exchange/subscription/write_check.h"

#include "exchange/subscription/ledger.h"

namespace heyi::exchange {
namespace {

class SubscriptionCheck : public interaction::WriteCheck {
 public:
  explicit SubscriptionCheck(const SubscriptionTerms& terms) : terms_(terms) {}

  base::Result<base::Done> Check(const base::Context& context, const store::Snapshot& snapshot,
                                 fhir::Tree& tree) const override {
    if (tree.type()->name != "Subscription") return base::Done{};
    HEYI_CHECK(CheckOwner(context.caller, snapshot, tree));
    const fhir::Node status = tree.root().Member("status");
    if (status && status.text() == "off") return base::Done{};  // what it says is not done, so it may say anything
    HEYI_TRY(definition, ReadSubscription(tree, terms_));
    if (definition.status == "error") return Refuse("subscription.status", "Subscription.status", "error");
    if (definition.end_ms <= context.clock.NowMs()) {
      return Refuse("subscription.end", "Subscription.end", tree.root().TextAt("end"));
    }
    HEYI_CHECK(CheckNumber(snapshot, tree));
    if (definition.status == "active") tree.SetText(status.index(), "requested");
    return base::Done{};
  }

 private:
  static base::Error Refuse(std::string_view rule, std::string place, std::string_view detail) {
    return base::Error(base::ErrorKind::kInvalid, rule, std::move(place), detail);
  }

  // Custody is a department's, and each of its systems has subscriptions of its own.
  static base::Result<base::Done> CheckOwner(const base::Caller& caller, const store::Snapshot& snapshot,
                                             const fhir::Tree& tree) {
    if (caller.role == "operator") return base::Done{};
    HEYI_TRY(row, FindSubscriber(snapshot, tree.id()));
    if (!row || (row->creator.client == caller.client && row->creator.organization == caller.organization)) {
      return base::Done{};
    }
    return base::Error(base::ErrorKind::kForbidden, "interaction.forbidden", {}, "Subscription");
  }

  base::Result<base::Done> CheckNumber(const store::Snapshot& snapshot, const fhir::Tree& tree) const {
    HEYI_TRY(current, snapshot.Current(*tree.type(), tree.id()));
    const bool created = !current || current->deleted;
    if (!created || snapshot.Count(*tree.type()) < terms_.limits.subscriptions_max) return base::Done{};
    return Refuse("subscription.too-many", "", std::to_string(terms_.limits.subscriptions_max));
  }

  const SubscriptionTerms& terms_;
};

}  // namespace

std::unique_ptr<interaction::WriteCheck> MakeSubscriptionCheck(const SubscriptionTerms& terms) {
  return std::make_unique<SubscriptionCheck>(terms);
}

}  // namespace heyi::exchange
