// A stored map that this program no longer understands: its messages are kept until somebody mends it.
#include "tests/exchange/exchange_house.h"

#include "adapters/message.h"
#include "base/file.h"

namespace heyi::exchange {
namespace {

TEST(MapsInForce, AStoredMapThatNoLongerCompilesParksItsMessages) {
  ExchangeHouse house;
  const std::string elder = *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/mapping/civil-affairs/ELDER/new/in.json");
  store::CommitDraft draft;
  draft.facts.push_back({"map", "civil-affairs/ELDER/9", R"({"file":"civil/ELDER.map","text":"map civil-affairs ELDER 9\nresource p Patient\n of another time"})"});
  draft.facts.push_back({"map.active", "civil-affairs/ELDER", "9"});
  ASSERT_TRUE(house.store().CommitAndWait(std::move(draft)).ok());
  house.Open();
  const std::string kept = house.Take("civil-affairs", elder);
  EXPECT_NE(kept.find(R"("code":2)"), std::string::npos) << kept;
  EXPECT_NE(kept.find("exchange.map-out-of-force"), std::string::npos) << kept;

  store::CommitDraft mended;
  mended.facts.push_back({"map.active", "civil-affairs/ELDER", std::nullopt});
  ASSERT_TRUE(house.store().CommitAndWait(std::move(mended)).ok());
  house.Open();
  EXPECT_EQ(house.Take("civil-affairs", elder), kept) << "no second acknowledgement";
}

}  // namespace
}  // namespace heyi::exchange
