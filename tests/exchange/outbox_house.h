// A store with an outbox, a way out whose receiver is a function of the test, and what it was sent.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "base/ids.h"
#include "exchange/outbox/delivery.h"
#include "fhir/search/parameters.h"

namespace heyi::exchange {

// Waits until `condition` holds; false after ten seconds.
template <typename Condition>
bool Soon(const Condition& condition) {
  for (int i = 0; i < 5'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

class OutboxReceiver {
 public:
  using Answer = std::function<SendResult(const OutboxRow& row, int times_before)>;
  explicit OutboxReceiver(Answer answer) : answer_(std::move(answer)) {}

  SendResult Take(const OutboxRow& row) {
    int before = 0;
    {
      const std::lock_guard lock(mutex_);
      before = seen_[row.message_id]++;
      ++sends_;
    }
    SendResult result = answer_(row, before);
    if (result.sent == Sent::kTaken) {
      const std::lock_guard lock(mutex_);
      taken_[row.order_key].push_back(row.message_id);
    }
    return result;
  }

  std::vector<std::string> TakenOf(const std::string& order_key) {
    const std::lock_guard lock(mutex_);
    return taken_[order_key];
  }
  size_t taken() {
    const std::lock_guard lock(mutex_);
    size_t all = 0;
    for (const auto& [key, ids] : taken_) all += ids.size();
    return all;
  }
  int SeenOf(const std::string& message_id) {
    const std::lock_guard lock(mutex_);
    return seen_[message_id];
  }
  int sends() {
    const std::lock_guard lock(mutex_);
    return sends_;
  }

  Delivery::MakeConnection Connection() {
    class Line : public Channel {
     public:
      explicit Line(OutboxReceiver& receiver) : receiver_(receiver) {}
      SendResult Send(const OutboxRow& row) override { return receiver_.Take(row); }

     private:
      OutboxReceiver& receiver_;
    };
    return [this](const Cancelled&) { return std::make_unique<Line>(*this); };
  }

 private:
  const Answer answer_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> taken_;  // by order key
  std::map<std::string, int> seen_;                        // by message id
  int sends_ = 0;
};

class OutboxHouse {
 public:
  // `directory`: kept when the house is closed; empty: one of its own that goes with it.
  explicit OutboxHouse(std::string directory = {}) : own_(directory.empty()), directory_(std::move(directory)) {
    if (own_) {
      char name[] = "/tmp/heyi-outbox-XXXXXX";
      directory_ = ::mkdtemp(name);
    }
    auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    EXPECT_TRUE(definitions.ok());
    auto parameters = fhir::SearchParameters::Compile(*definitions);
    EXPECT_TRUE(parameters.ok());
    store::OpenReport report;
    auto opened = store::OpenFileStore({directory_ + "/data", *parameters, {}, {}, &clock_, &random_, {}}, &report);
    EXPECT_TRUE(opened.ok());
    store_ = std::move(*opened);
  }
  ~OutboxHouse() {
    store_.reset();
    if (own_) std::filesystem::remove_all(directory_);
  }

  store::Store& store() { return *store_; }
  const base::Clock& clock() const { return clock_; }
  const std::string& directory() const { return directory_; }

  static OutboxRow Row(const Route& route, const RowPlace& place, std::string order_key) {
    OutboxRow row;
    row.channel = route.name;
    row.department = route.department;
    row.elder = order_key.starts_with("Patient/") ? base::Hash64(order_key) : 0;
    row.order_key = std::move(order_key);
    row.message_type = "BED_REFERRAL";
    row.message_id = MessageIdOf(place);
    row.text = "{}";
    row.resource = "Task/t1/_history/3";
    row.policy_row = "deliver.civil-status";
    row.custody = "health";
    row.made_ms = 1'790'000'000'000;
    return row;
  }

  // One row each of the order keys, in one commit, as the router makes them. Returns their ids.
  std::vector<std::string> Add(const Route& route, const std::vector<std::string>& order_keys) {
    store::CommitDraft draft;
    std::vector<std::string> ids;
    const uint64_t t = ++last_t_;
    for (uint32_t i = 0; i < order_keys.size(); ++i) {
      const RowPlace place{t, i};
      draft.facts.push_back({std::string(kOutboxSpace), OutboxKey(route.name, place), EncodeOutboxRow(Row(route, place, order_keys[i]))});
      ids.push_back(MessageIdOf(place));
    }
    EXPECT_TRUE(store_->CommitAndWait(std::move(draft)).ok());
    return ids;
  }

  std::optional<OutboxRow> Find(const Route& route, RowState state, const std::string& message_id) {
    const auto fact = store_->Now()->Fact(SpaceOf(state), OutboxKey(route.name, *PlaceOfMessageId(message_id)));
    if (!fact.ok() || !*fact) return std::nullopt;
    return *DecodeOutboxRow(**fact);
  }

  // The leaves of the data journal, oldest first.
  std::vector<audit::Leaf> Leaves() {
    std::vector<audit::Leaf> leaves;
    EXPECT_TRUE(store_->Follow(1, [&](const store::EntryView& entry) -> base::Result<bool> {
      if (entry.leaf.empty()) return true;
      auto leaf = audit::DecodeLeaf(entry.leaf);
      if (leaf.ok()) leaves.push_back(std::move(*leaf));
      return true;
    }).ok());
    return leaves;
  }

 private:
  const bool own_;
  std::string directory_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::unique_ptr<store::Store> store_;
  uint64_t last_t_ = 1'000;
};

// A way out that tries again soon.
inline Route QuickRoute(std::string name) {
  Route route;
  route.name = std::move(name);
  route.department = "civil-affairs";
  route.idempotent = true;
  route.retry = {2, 20};
  route.breaker = {1'000'000, 20, 80};
  return route;
}

inline audit::Leaf OperatorLeaf() {
  audit::Leaf leaf;
  leaf.caller = {"trial-operator", "", "operator", "operator", "", "HOPERAT"};
  leaf.interaction = "channel-order";
  return leaf;
}

// A running way out.
class Running {
 public:
  Running(OutboxHouse& house, const Route& route, OutboxReceiver& receiver) : delivery_(house.store(), route, house.clock(), receiver.Connection()) {
    EXPECT_TRUE(delivery_.Open().ok());
    delivery_.Start();
  }
  Delivery* operator->() { return &delivery_; }
  ChannelCounts counts() { return delivery_.health().second; }
  ChannelState state() { return delivery_.health().first; }

 private:
  Delivery delivery_;
};

}  // namespace heyi::exchange
