// What the supervisor is made of: envelopes, a process, bytes for somebody who does not read.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "analyzer/lsp/supervisor/child.h"
#include "analyzer/lsp/supervisor/envelope.h"
#include "analyzer/lsp/supervisor/outbox.h"

namespace lockwright::lsp {
namespace {

TEST(Envelope, SaysWhatStandsOutside) {
  const Envelope request = envelope_of(R"({"id":"a","jsonrpc":"2.0","method":"m","params":{"id":3}})");
  EXPECT_EQ(request.id, "a");
  EXPECT_EQ(request.method, "m");
  const Envelope error = envelope_of(R"({"error":{"code":1,"id":4,"method":"x"},"id":7,"jsonrpc":"2.0"})");
  EXPECT_EQ(error.id, 7);
  EXPECT_EQ(error.method, "");
  EXPECT_TRUE(error.failed);
  const Envelope result = envelope_of(R"({"id":-1,"jsonrpc":"2.0","result":{"error":1}})");
  EXPECT_EQ(result.id, -1);
  EXPECT_FALSE(result.failed);
  EXPECT_TRUE(envelope_of("no json").id.is_null());
}

TEST(Envelope, IsReadNoFurtherThanItMust) {
  EXPECT_EQ(envelope_of(R"({"jsonrpc":"2.0","method":"m","params":no json)").method, "m");
}

TEST(Published, IsAboutOneFile) {
  Json message = {{"jsonrpc", "2.0"},
                  {"method", "textDocument/publishDiagnostics"},
                  {"params", {{"uri", "file:///w/\xC3\xA9\"}.py"}, {"version", 3}}}};
  for (const bool with_version : {true, false}) {
    if (!with_version) message["params"].erase("version");
    message["params"]["diagnostics"] = Json::array();
    EXPECT_EQ(published_in(message.dump())->uri, message["params"]["uri"].get<std::string>());
    EXPECT_TRUE(published_in(message.dump())->none);
    message["params"]["diagnostics"] = Json::array({{{"message", R"("uri":"file:///x","diagnostics":[])"},
                                                     {"relatedInformation", {{"uri", "file:///other"}}}}});
    EXPECT_EQ(published_in(message.dump())->uri, message["params"]["uri"].get<std::string>());
    EXPECT_FALSE(published_in(message.dump())->none);
  }
  EXPECT_FALSE(published_in("{}"));
}

class Pipe : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends.data()), 0); }
  void TearDown() override {
    for (const int end : ends) ::close(end);
  }
  std::string read_all() {
    std::string all;
    std::array<char, 65536> bytes{};
    for (pollfd readable{ends[0], POLLIN, 0}; ::poll(&readable, 1, 0) > 0;)
      all.append(bytes.data(), static_cast<std::size_t>(::read(ends[0], bytes.data(), bytes.size())));
    return all;
  }
  std::array<int, 2> ends{};
};

TEST_F(Pipe, WhatIsNotTakenWaitsAndNobodyIsKeptWaiting) {
  for (const bool blocking : {true, false}) {
    ASSERT_EQ(::fcntl(ends[1], F_SETFL, blocking ? 0 : O_NONBLOCK), 0);
    Outbox outbox(ends[1], blocking);
    std::string expected;
    std::string got;
    for (int i = 0; i < 3000; ++i) {
      const std::string message(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
      expected += message;
      outbox.add(message);
      if (i % 500 == 0) got += read_all();
    }
    EXPECT_TRUE(outbox.is_full());
    while (!outbox.is_empty()) {
      got += read_all();
      outbox.write();
    }
    got += read_all();
    EXPECT_TRUE(got == expected);
  }
}

TEST_F(Pipe, WhatSomebodyWhoHasGoneDoesNotTakeIsLost) {
  std::signal(SIGPIPE, SIG_IGN);
  ::close(ends[0]);
  Outbox outbox(ends[1], true);
  outbox.add("lost");
  EXPECT_TRUE(outbox.is_empty());
}

TEST_F(Pipe, AChildSaysHowItEnded) {
  const auto ending_of = [&](const std::function<int()>& body) {
    std::optional<Child> child = Child::start(ends[0], ends[1], body);
    if (!child) return std::string("not started");
    pollfd ended{child->from(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 60000), 1);
    return child->end();
  };
  EXPECT_EQ(ending_of([]() -> int { std::_Exit(7); }), "exit code 7");
  EXPECT_TRUE(ending_of([] { return ::raise(SIGKILL); }).starts_with("SIGKILL"));
}

TEST_F(Pipe, AChildIsSpokenToInPlaceOfTheClient) {
  std::optional<Child> child = Child::start(ends[0], ends[1], [&]() -> int {
    char letter = 0;
    while (::read(ends[0], &letter, 1) == 1) {
      ++letter;
      if (::write(ends[1], &letter, 1) != 1) break;
    }
    std::_Exit(0);
  });
  ASSERT_TRUE(child);
  ASSERT_EQ(::write(child->to(), "a", 1), 1);
  pollfd readable{child->from(), POLLIN, 0};
  ASSERT_EQ(::poll(&readable, 1, 60000), 1);
  char letter = 0;
  ASSERT_EQ(::read(child->from(), &letter, 1), 1);
  EXPECT_EQ(letter, 'b');
  EXPECT_EQ(read_all(), "");
  child->close_to();
  ASSERT_EQ(::poll(&readable, 1, 60000), 1);
  EXPECT_EQ(child->end(), "exit code 0");
}

}  // namespace
}  // namespace lockwright::lsp
