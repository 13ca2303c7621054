// The server with an analysis that breaks, and one that goes on where another has ended.
#include "analyzer/lsp/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <stdexcept>

#include "analyzer/lsp/framing.h"

namespace lockwright::lsp {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::shared_ptr<const source::FileTable> no_files() {
  return std::make_shared<const source::FileTable>(
      std::vector<source::DiscoveredFile>{}, std::vector<source::InMemoryFile>{}, source::FileTableOptions{});
}

/// Finds nothing; throws as long as it is told to. Keeps the texts that it was given last.
class FakeChecker final : public Checker {
 public:
  FakeChecker(std::string folder, std::atomic<int>& throws, std::vector<OpenText>& seen)
      : folder_(std::move(folder)), throws_(throws), seen_(seen) {}

  [[nodiscard]] const std::string& root() const override { return folder_; }
  std::optional<ConfigurationProblem> configure(const ClientSettings& /*settings*/) override {
    return std::nullopt;
  }
  void disk_changed(std::span<const std::string> /*paths*/) override {}
  source::Result<Checked> check(const std::vector<OpenText>& open,
                                const std::function<void(const char*)>& /*stage*/) override {
    if (throws_-- > 0) throw std::runtime_error("a broken analysis");
    seen_ = open;
    return Checked{no_files(), {}, {}};
  }
  void find_fixes(Checked& /*checked*/, std::string_view /*path*/, const Cancelled& /*cancelled*/) override {}
  std::optional<std::string> repaired(const Checked& /*checked*/, std::string_view /*path*/,
                                      const Cancelled& /*cancelled*/) override {
    return std::nullopt;
  }

 private:
  std::string folder_;
  std::atomic<int>& throws_;
  std::vector<OpenText>& seen_;
};

class Serving : public testing::Test {
 protected:
  void take(const Json& message) { server->take(message.dump()); }
  void write(std::string_view bytes) {
    MessageReader reader;
    reader.feed(bytes);
    const std::lock_guard lock(mutex);
    sent.push_back(Json::parse(reader.next()->text));
    more.notify_all();
  }
  /// Waits for the answer, and with it for all that was said before.
  void wait_for(const Json& id) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(more.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::ranges::any_of(sent, [&](const Json& each) { return value_at(each, {"id"}) == id; });
    }));
  }
  void settle(int id) {
    take({{"jsonrpc", "2.0"}, {"id", id}, {"method", "workspace/diagnostic"}, {"params", Json::object()}});
    wait_for(id);
  }
  std::vector<std::string> shown() {
    const std::lock_guard lock(mutex);
    std::vector<std::string> messages;
    for (const Json& each : sent) {
      if (value_at(each, {"method"}) == "window/showMessage") messages.push_back(each["params"]["message"]);
    }
    return messages;
  }
  void make(unsigned incarnation) {
    server = std::make_unique<Server>(
        analyzer, "0", [this](std::string_view bytes) { write(bytes); }, incarnation);
  }

  const Json start = {{"capabilities", Json::object()},
                      {"workspaceFolders", Json::array({{{"uri", "file:///w"}, {"name", "w"}}})}};
  std::atomic<int> throws{0};
  std::vector<OpenText> seen;
  Analyzer analyzer{{}, [this](const std::string& folder, const std::string& /*file*/) {
                      return std::make_unique<FakeChecker>(folder, throws, seen);
                    }};
  std::mutex mutex;
  std::condition_variable more;
  std::vector<Json> sent;
  std::unique_ptr<Server> server;  ///< last: its thread uses the others
};

TEST_F(Serving, AnExceptionCostsOneRoundAndIsTold) {
  throws = 2;
  make(0);
  take({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "initialize"}, {"params", start}});
  take({{"jsonrpc", "2.0"}, {"method", "initialized"}, {"params", Json::object()}});
  settle(2);
  EXPECT_THAT(shown(), Contains(HasSubstr("a broken analysis")));
  for (int version = 1; version < 4; ++version) {
    take({{"jsonrpc", "2.0"},
          {"method", "textDocument/didOpen"},
          {"params",
           {{"textDocument",
             {{"uri", "file:///w/a.py"},
              {"version", version},
              {"text", "new " + std::to_string(version)}}}}}});
    settle(2 + version);
  }
  EXPECT_EQ(shown().size(), 1U);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(*seen[0].text, "new 3");
}

TEST_F(Serving, GoesOnWhereAnotherHasEnded) {
  make(3);
  Handover handover{.incarnation = 3, .initialize = start, .initialized = true};
  handover.initialize["capabilities"] = {{"workspace", {{"configuration", true}}}};
  handover.documents["/w/a.py"] = {"file:///w/a.py", 7, std::make_shared<const std::string>("typed")};
  server->take_over(handover);
  wait_for(Json(taken_over_id));
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(sent[0]["id"], "lockwright/configuration#3") << "not taken for one of the servers before";
    EXPECT_THAT(
        sent, Contains(Json{
                  {"jsonrpc", "2.0"},
                  {"method", "textDocument/publishDiagnostics"},
                  {"params", {{"uri", "file:///w/a.py"}, {"version", 7}, {"diagnostics", Json::array()}}}}));
  }
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(*seen[0].text, "typed");
  settle(5);
}

}  // namespace
}  // namespace lockwright::lsp
