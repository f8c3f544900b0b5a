// Where notifications may go: only below the configuration's prefixes, judged on the URL taken apart and put into the
// one spelling that is then connected to, so that no other reading of it leads elsewhere.
#include <algorithm>

#include "exchange/subscription/definition.h"
#include "net/outbound_url.h"

namespace heyi::exchange {

base::Result<std::string> CheckEndpoint(std::string_view endpoint, const std::vector<std::string>& allowed_prefixes,
                                        bool addressed_below) {
  const auto refuse = [](std::string_view why) {
    return base::Error(base::ErrorKind::kInvalid, "subscription.endpoint", "Subscription.channel.endpoint", why);
  };
  if (endpoint.size() > kSubscriptionTextBytesMax) return refuse("too long");
  if (endpoint.find('#') != std::string_view::npos) return refuse("a fragment");
  const auto normal = net::NormalizeUrl(endpoint);
  if (!normal.ok()) return refuse(normal.error().outcome.issues().front().detail);
  const bool allowed = std::any_of(allowed_prefixes.begin(), allowed_prefixes.end(),
                                   [&](const std::string& prefix) { return net::IsUnder(*normal, prefix); });
  if (!allowed) return refuse("not among the addresses that this server may send to");
  if (addressed_below && normal->find('?') != std::string::npos) {
    return refuse("a query, where resources are put below it");
  }
  return *normal;
}

}  // namespace heyi::exchange
