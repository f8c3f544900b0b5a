// Every row of the probe table over a real socket against a real server.
#include <gtest/gtest.h>

#include "net/head_parser.h"
#include "tests/net/wire.h"

namespace heyi::net {
namespace {

TEST(Probes, GetTheirAnswersOverASocket) {
  Echo echo;
  const auto server = StartServer(echo, {}, 2);
  for (const Probe& probe : Probes()) {
    SCOPED_TRACE(probe.name);
    Wire wire(server->port());
    wire.Send(probe.bytes);
    if (probe.end == "fin") wire.Fin();
    for (const int status : probe.statuses) {
      const WireAnswer answer = wire.Read();
      EXPECT_EQ(answer.status, status);
      EXPECT_FALSE(answer.Header("date").empty());
      if (status == 405) {
        EXPECT_EQ(answer.Header("allow"), kAllowedMethods);
      }
      if (status >= 400) {
        EXPECT_EQ(answer.Header("connection"), "close");
      }
    }
    if (probe.end == "keep") {
      wire.Send("GET /still/here HTTP/1.1\r\nHost: h\r\n\r\n");
      EXPECT_EQ(wire.Read().body, "GET /still/here\n");
    } else {
      EXPECT_TRUE(wire.Closes());
      EXPECT_FALSE(wire.reset()) << "closed so that the answer could be lost";
    }
  }
}

}  // namespace
}  // namespace heyi::net
