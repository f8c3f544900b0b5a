#include "net/http_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "net/outbound_url.h"
#include "tests/net/wire.h"

namespace heyi::net {
namespace {

std::string RuleOf(const base::Result<ClientResponse>& result) {
  return result.ok() ? "" : result.error().outcome.issues().at(0).rule;
}

TEST(OutboundUrl, HasOneSpelling) {
  const auto normal = [](std::string_view url) {
    const auto result = NormalizeUrl(url);
    return result.ok() ? *result : std::string("!");
  };
  EXPECT_EQ(normal("HTTP://Example.ORG"), "http://example.org:80/");
  EXPECT_EQ(normal("https://a:0443/B?c#d"), "https://a:443/B?c");
  EXPECT_EQ(normal("http://a?b=/../c"), "http://a:80/?b=/../c");
  EXPECT_EQ(normal("http://[::1]:8080/x"), "http://[::1]:8080/x");
  for (const char* url : {"", "a", "/a", "//a", "ftp://a/", "file:///etc/passwd", "gopher://a/", "http:/a", "http:a",
                          "http://", "http:///a", "http://u@a/", "http://u:p@a/", "http://a:b@c/", "http://a:80@b/",
                          "http://a:x/", "http://a:123456/", "http://a b/", "http://a\\@b/", "http://a/b\\c",
                          "http://a/../b", "http://a/./b", "http://a/b/..", "http://a/%2e%2E/b", "http://a/b%2Fc",
                          "http://a/b%5cc", "http://a/b%00", "http://a/\r\nX: y", "http://\xe5\x92\x8c/", "http://a%2eb/",
                          "http://[::1", "http://[g]/", "http://[]/", " http://a/", "http://a/ "}) {
    EXPECT_EQ(normal(url), "!") << url;
  }
}

TEST(OutboundUrl, LiesUnderAPrefixOnlyAtABoundary) {
  const auto under = [](std::string_view url, std::string_view prefix) {
    return IsUnder(NormalizeUrl(url).value(), prefix);
  };
  EXPECT_TRUE(under("http://127.0.0.1:8091/", "http://127.0.0.1:8091/"));
  EXPECT_TRUE(under("http://127.0.0.1:8091/a?b", "http://127.0.0.1:8091"));
  EXPECT_FALSE(under("http://127.0.0.1:80910/", "http://127.0.0.1:8091"));
  EXPECT_FALSE(under("http://127.0.0.1:80910/", "http://127.0.0.1:8091/"));
  EXPECT_FALSE(under("http://127.0.0.1.evil.example/", "http://127.0.0.1"));
  EXPECT_TRUE(under("http://A.example:80/x", "http://a.EXAMPLE/"));
  EXPECT_FALSE(under("https://a.example/x", "http://a.example/"));
  EXPECT_TRUE(under("http://a/api", "http://a/api"));
  EXPECT_TRUE(under("http://a/api/x", "http://a/api"));
  EXPECT_TRUE(under("http://a/api?x", "http://a/api"));
  EXPECT_FALSE(under("http://a/apix", "http://a/api"));
  EXPECT_FALSE(under("http://a/ap", "http://a/api"));
  EXPECT_FALSE(under("http://a/API/x", "http://a/api"));
  EXPECT_FALSE(under("http://a/", ""));
  EXPECT_FALSE(under("http://a/", "http"));
}

// Tells what arrived; "/status/N" answers N, "/big" a megabyte, "/never" nothing, "/moved" a redirect.
class Upstream : public Keeper {
 public:
  void Handle(Request request, std::unique_ptr<Responder> responder) override {
    if (request.target == "/never") return Keeper::Handle(std::move(request), std::move(responder));
    Response response;
    response.headers.emplace_back("X-Answer", "yes");
    if (request.target.starts_with("/status/")) response.status = std::stoi(std::string(request.target.substr(8)));
    if (request.target == "/moved") {
      response.status = 302;
      response.headers.emplace_back("Location", "/status/418");
    }
    response.body = std::string(request.method) + " " + request.body;
    if (request.target == "/big") response.body = std::string(1 << 20, 'b');
    for (const auto& [name, value] : request.headers) {
      response.body.append("\n").append(name).append(": ").append(value);
    }
    responder->Send(std::move(response));
  }
};

class Client : public ::testing::Test {
 protected:
  Upstream upstream_;
  std::unique_ptr<HttpServer> server_ = StartServer(upstream_, {}, 1);
  const std::string base_ = "http://127.0.0.1:" + std::to_string(server_->port());

  base::Result<ClientResponse> Send(const std::string& method, const std::string& url, const std::string& body = {}) {
    return HttpClient({.allowed_prefixes = {base_}})
        .Send({.method = method, .url = url, .headers = {{"X-Own", "1"}}, .body = body});
  }
};

TEST_F(Client, PassesMethodsBodiesHeadersAndStatuses) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const auto answer = Send(method, base_ + "/x", "hello");
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(answer->body.starts_with(std::string(method) + " hello\n")) << answer->body;
    EXPECT_NE(answer->body.find("\nX-Own: 1"), std::string::npos);
    EXPECT_EQ(answer->body.find("Expect"), std::string::npos);
    EXPECT_EQ(answer->body.find("x-www-form-urlencoded"), std::string::npos);
    const std::pair<std::string, std::string> header("x-answer", "yes");
    EXPECT_EQ(std::count(answer->headers.begin(), answer->headers.end(), header), 1);
  }
  EXPECT_EQ(Send("HEAD", base_ + "/x")->body, "");
  EXPECT_TRUE(Send("GET", base_ + "/x")->body.starts_with("GET \n"));
  EXPECT_TRUE(Send("POST", base_ + "/x")->body.starts_with("POST \n"));
  for (const int status : {201, 400, 404, 409, 500, 503}) {
    EXPECT_EQ(Send("POST", base_ + "/status/" + std::to_string(status), "x")->status, status);
  }
  EXPECT_EQ(Send("POST", base_ + "/x", std::string(50'000, 'p'))->status, 200);
}

TEST_F(Client, KeepsItsConnection) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Send("POST", base_ + "/x", "a").ok());
  EXPECT_TRUE(Eventually([&] { return server_->counters().requests_total == 20; }));
  EXPECT_EQ(server_->counters().connections_total, 1u);
}

TEST_F(Client, FollowsNoRedirect) { EXPECT_EQ(Send("GET", base_ + "/moved")->status, 302); }

TEST_F(Client, SendsNoPacketWhereItMayNot) {
  for (const std::string& url : {std::string("http://127.0.0.1:1/"), "https" + base_.substr(4) + "/", base_ + "0/",
                                 "http://localhost:" + std::to_string(server_->port()) + "/",
                                 "http://u@" + base_.substr(7) + "/", base_ + "/a/../b", base_ + "@evil.example/",
                                 base_ + "\\@evil.example/", std::string("file:///etc/hostname")}) {
    const auto refused = Send("GET", url);
    EXPECT_EQ(RuleOf(refused), "http.client.not-allowed") << url;
    EXPECT_EQ(refused.error().kind, base::ErrorKind::kForbidden);
  }
  const HttpClient client({.allowed_prefixes = {base_}});
  const std::string url = base_ + "/";
  const ClientRequest good{.method = "GET", .url = url, .headers = {}, .body = ""};
  ClientRequest injecting = good, framing = good, method = good;
  injecting.headers = {{"X", "a\r\nY: b"}};
  framing.headers = {{"Transfer-Encoding", "chunked"}};
  method.method = "GET / HTTP/1.1\r\n";
  for (const ClientRequest& bad : {injecting, framing, method}) {
    EXPECT_EQ(RuleOf(client.Send(bad)), "http.client.not-allowed");
  }
  EXPECT_EQ(RuleOf(HttpClient({.allowed_prefixes = {}}).Send(good)), "http.client.not-allowed");
  EXPECT_EQ(server_->counters().connections_total, 0u);
}

TEST_F(Client, IgnoresProxiesOfTheEnvironment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(Send("GET", base_ + "/x").ok());
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

TEST_F(Client, CapsTheAnswer) {
  HttpClient::Options options{.allowed_prefixes = {base_}};
  options.answer_bytes_max = 1 << 20;
  const ClientRequest big{.method = "HEAD", .url = base_ + "/big", .headers = {}, .body = ""};
  EXPECT_TRUE(HttpClient(options).Send(big).ok());
  ClientRequest get = big;
  get.method = "GET";
  EXPECT_EQ(RuleOf(HttpClient(options).Send(get)), "http.client.failed");  // its headers follow the megabyte
  options.answer_bytes_max = 2 << 20;
  EXPECT_GT(HttpClient(options).Send(get)->body.size(), 1u << 20);
}

TEST_F(Client, GivesUpInTime) {
  HttpClient::Options options{.allowed_prefixes = {base_, "http://127.0.0.1:1/"}};
  options.total_timeout_ms = 200;
  const int64_t begin = NowMs();
  const auto late = HttpClient(options).Send({.method = "POST", .url = base_ + "/never", .headers = {}, .body = "x"});
  EXPECT_EQ(RuleOf(late), "http.client.failed");
  EXPECT_EQ(late.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_LT(NowMs() - begin, 1500);
  const ClientRequest nobody{.method = "GET", .url = "http://127.0.0.1:1/", .headers = {}, .body = ""};
  EXPECT_EQ(RuleOf(HttpClient(options).Send(nobody)), "http.client.unreachable");
  upstream_.TakeAll(1);
}

TEST_F(Client, GivesUpSoonerWhereARequestSaysSo) {
  HttpClient::Options options{{base_ + "/"}, 5'000, 30'000, 1 << 20};
  const int64_t begun = NowMs();
  const auto late = HttpClient(options).Send({.method = "POST", .url = base_ + "/never", .headers = {}, .body = "x", .timeout_ms = 100});
  EXPECT_EQ(RuleOf(late), "http.client.failed");
  EXPECT_LT(NowMs() - begun, 5'000);
}

TEST_F(Client, MayBeSharedByThreads) {
  const HttpClient client({.allowed_prefixes = {base_}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(i);
        const auto answer = client.Send({.method = "POST", .url = base_ + "/x", .headers = {}, .body = body});
        ASSERT_TRUE(answer.ok());
        EXPECT_TRUE(answer->body.starts_with("POST " + body + "\n"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace heyi::net
