// What client and servers hear when servers crash; the processes and the time are the test's.
#include "analyzer/lsp/supervisor/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "analyzer/lsp/framing.h"

namespace lockwright::lsp {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* uri = "file:///w/a.py";

class Supervising : public testing::Test {
 protected:
  Json request(const Json& id, const std::string& method, const Json& parameters = Json::object()) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", parameters}};
  }
  Json notification(const std::string& method, const Json& parameters) {
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", parameters}};
  }
  Json response(const Json& id, const Json& result) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", result}};
  }

  void client_says(const Json& message) { supervisor.take_from_client(message.dump(), now); }
  void server_says(const Json& message) { supervisor.take_from_server(message.dump()); }

  void initialize(const Json& capabilities = Json::object()) {
    client_says(request(1, "initialize",
                        {{"processId", ::getpid()},
                         {"capabilities", capabilities},
                         {"workspaceFolders", Json::array({{{"uri", "file:///w"}, {"name", "w"}}})}}));
    server_says(response(1, {{"capabilities", Json::object()}}));
    client_says(notification("initialized", Json::object()));
  }
  void open(const std::string& name, const std::string& text) {
    client_says(notification("textDocument/didOpen",
                             {{"textDocument", {{"uri", name}, {"version", 1}, {"text", text}}}}));
  }
  void change(const std::string& name, int version, const std::string& text) {
    client_says(
        notification("textDocument/didChange", {{"textDocument", {{"uri", name}, {"version", version}}},
                                                {"contentChanges", Json::array({{{"text", text}}})}}));
  }
  void publish(const std::string& name, std::size_t count) {
    server_says(notification("textDocument/publishDiagnostics",
                             {{"uri", name}, {"diagnostics", Json::array_t(count, Json::object())}}));
  }
  Handover start() {
    EXPECT_TRUE(supervisor.wants_server());
    to_server.clear();
    Handover handover = supervisor.start_server();
    supervisor.server_started();
    return handover;
  }
  Handover crash() {
    supervisor.server_ended("SIGSEGV", now);
    return start();
  }
  void take_over() { server_says(response(taken_over_id, nullptr)); }

  /// Those that the client has been sent, and forgets.
  std::vector<Json> sent() { return std::exchange(to_client, {}); }
  std::vector<Json> sent(const std::string& method) {
    std::vector<Json> some;
    for (const Json& each : sent()) {
      if (value_at(each, {"method"}) == method) some.push_back(each);
    }
    return some;
  }
  std::vector<std::string> shown() {
    std::vector<std::string> messages;
    for (const Json& each : sent("window/showMessage")) messages.push_back(each["params"]["message"]);
    return messages;
  }

  static Connection::Write into(std::vector<Json>& messages) {
    return [&messages](std::string_view bytes) {
      MessageReader reader;
      reader.feed(bytes);
      messages.push_back(Json::parse(reader.next()->text));
    };
  }

  std::vector<Json> to_client;
  std::vector<Json> to_server;
  std::vector<std::string> logged;
  Supervisor supervisor{{.to_client = into(to_client),
                         .to_server = into(to_server),
                         .log = [this](const std::string& line) { logged.push_back(line); }}};
  Supervisor::Clock::time_point now{std::chrono::hours(1)};
};

TEST_F(Supervising, RelaysWhatIsSaid) {
  EXPECT_TRUE(start().initialize.is_null());
  initialize();
  open(uri, "one");
  EXPECT_EQ(to_server.size(), 3U);
  EXPECT_EQ(sent().size(), 1U);
  publish(uri, 2);
  EXPECT_EQ(sent()[0]["params"]["diagnostics"].size(), 2U);
  EXPECT_EQ(supervisor.client_process(), ::getpid());
  EXPECT_FALSE(supervisor.wants_server());
}

TEST_F(Supervising, ANewServerKnowsWhatTheOldOneKnew) {
  static_cast<void>(start());
  initialize();
  open(uri, "one\n");
  client_says(notification("textDocument/didChange",
                           {{"textDocument", {{"uri", uri}, {"version", 4}}},
                            {"contentChanges", Json::array({{{"range",
                                                              {{"start", {{"line", 0}, {"character", 3}}},
                                                               {"end", {{"line", 0}, {"character", 3}}}}},
                                                             {"text", " two"}}})}}));
  open("file:///w/b.py", "closed again");
  client_says(notification("textDocument/didClose", {{"textDocument", {{"uri", "file:///w/b.py"}}}}));
  client_says(notification("workspace/didChangeWorkspaceFolders",
                           {{"event",
                             {{"removed", Json::array({{{"uri", "file:///w"}, {"name", "w"}}})},
                              {"added", Json::array({{{"uri", "file:///v"}, {"name", "v"}}})}}}}));
  client_says(notification("workspace/didChangeConfiguration",
                           {{"settings", {{"lockwright", {{"ignore", Json::array({"LW101"})}}}}}}));
  const Handover handover = crash();
  EXPECT_EQ(handover.incarnation, 1U);
  EXPECT_TRUE(handover.initialized);
  ASSERT_EQ(handover.documents.size(), 1U);
  EXPECT_EQ(*handover.documents.at("/w/a.py").text, "one two\n");
  EXPECT_EQ(handover.documents.at("/w/a.py").version, 4);
  EXPECT_EQ(handover.initialize["workspaceFolders"], Json::array({{{"uri", "file:///v"}, {"name", "v"}}}));
  EXPECT_EQ(handover.settings, (Json{{"ignore", Json::array({"LW101"})}}));
  EXPECT_THAT(to_server, IsEmpty()) << "it is handed over, not sent";
}

TEST_F(Supervising, SettingsMayComeAsAnAnswer) {
  static_cast<void>(start());
  initialize({{"workspace", {{"configuration", true}}}});
  client_says(response("lockwright/configuration", Json::array({{{"ignore", Json::array({"LW101"})}}})));
  client_says(notification("workspace/didChangeConfiguration", {{"settings", nullptr}}));
  EXPECT_EQ(crash().settings, (Json{{"ignore", Json::array({"LW101"})}}));
}

TEST_F(Supervising, EveryRequestIsAnsweredOnce) {
  static_cast<void>(start());
  initialize();
  for (int id = 2; id < 7; ++id)
    client_says(
        request(id, std::array{"textDocument/hover", "textDocument/diagnostic", "workspace/executeCommand",
                               "textDocument/codeAction", "no/such"}[static_cast<std::size_t>(id - 2)]));
  server_says(response(5, nullptr));
  static_cast<void>(sent());
  static_cast<void>(crash());
  std::map<int, int> codes;
  for (const Json& each : sent()) {
    if (each.contains("id")) codes[each["id"].get<int>()] = each["error"]["code"].get<int>();
  }
  EXPECT_EQ(codes, (std::map<int, int>{{2, -32801}, {3, -32802}, {4, -32603}, {6, -32603}}));
  take_over();
  static_cast<void>(crash());
  for (const Json& each : sent()) EXPECT_FALSE(each.contains("id")) << each;
}

TEST_F(Supervising, SaysItOnceAndLogsItAlways) {
  static_cast<void>(start());
  initialize();
  static_cast<void>(crash());
  EXPECT_THAT(shown(), ElementsAre(HasSubstr("SIGSEGV")));
  take_over();
  now += seconds(100);
  static_cast<void>(crash());
  EXPECT_THAT(shown(), IsEmpty());
  EXPECT_EQ(logged.size(), 2U);
}

TEST_F(Supervising, ACrashBeforeTheAnswerToInitializeIsNotNoticed) {
  static_cast<void>(start());
  client_says(request(1, "initialize", {{"capabilities", Json::object()}}));
  const Handover handover = crash();
  EXPECT_TRUE(handover.initialize.is_null());
  ASSERT_EQ(to_server.size(), 1U);
  EXPECT_EQ(to_server[0]["method"], "initialize");
  static_cast<void>(sent());
  server_says(response(1, {{"capabilities", Json::object()}}));
  EXPECT_EQ(sent().size(), 1U);
}

TEST_F(Supervising, ProgressThatWasBegunIsEnded) {
  static_cast<void>(start());
  initialize();
  server_says(notification("$/progress", {{"token", "done"}, {"value", {{"kind", "begin"}}}}));
  server_says(notification("$/progress", {{"token", "done"}, {"value", {{"kind", "end"}}}}));
  server_says(notification("$/progress", {{"token", "open"}, {"value", {{"kind", "begin"}}}}));
  static_cast<void>(sent());
  static_cast<void>(crash());
  const std::vector<Json> ends = sent("$/progress");
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0]["params"], (Json{{"token", "open"}, {"value", {{"kind", "end"}}}}));
}

TEST_F(Supervising, ClientsAreAskedToRegisterOnce) {
  static_cast<void>(start());
  initialize();
  static_cast<void>(sent());
  server_says(request("lockwright/register", "client/registerCapability"));
  EXPECT_EQ(sent().size(), 1U);
  static_cast<void>(crash());
  static_cast<void>(sent());
  server_says(request("lockwright/register#1", "client/registerCapability"));
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Supervising, DiagnosticsThatDoNotComeBackAreTakenAway) {
  static_cast<void>(start());
  initialize();
  publish(uri, 1);
  publish("file:///w/gone.py", 1);
  publish("file:///w/none.py", 0);
  static_cast<void>(crash());
  EXPECT_THAT(sent("textDocument/publishDiagnostics").size(), 3U)
      << "nothing is taken away before it is known";
  publish(uri, 1);
  take_over();
  const std::vector<Json> published = sent("textDocument/publishDiagnostics");
  ASSERT_EQ(published.size(), 2U);
  EXPECT_EQ(published[1]["params"], (Json{{"uri", "file:///w/gone.py"}, {"diagnostics", Json::array()}}));
}

TEST_F(Supervising, AClientThatPullsIsToldToAskAgain) {
  static_cast<void>(start());
  initialize({{"textDocument", {{"diagnostic", Json::object()}}},
              {"workspace", {{"diagnostics", {{"refreshSupport", true}}}}}});
  static_cast<void>(crash());
  EXPECT_THAT(sent("workspace/diagnostic/refresh"), IsEmpty());
  take_over();
  EXPECT_EQ(sent("workspace/diagnostic/refresh").size(), 1U);
}

TEST_F(Supervising, TheTextThatWasChangedLastIsLeftOutUntilItChanges) {
  static_cast<void>(start());
  initialize();
  open("file:///w/b.py", "good");
  open(uri, "good");
  change(uri, 2, "bad");
  EXPECT_EQ(*crash().documents.at("/w/a.py").text, "bad") << "once may be chance";
  const Handover handover = crash();
  EXPECT_EQ(*handover.documents.at("/w/a.py").text, "");
  EXPECT_EQ(*handover.documents.at("/w/b.py").text, "good");
  EXPECT_THAT(shown(), ElementsAre(HasSubstr("SIGSEGV"), HasSubstr("/w/a.py was changed last")));
  take_over();

  now += seconds(10);
  change("file:///w/b.py", 2, "better");
  EXPECT_EQ(to_server.size(), 1U);
  change(uri, 3, "bad");  // nothing new
  EXPECT_EQ(to_server.size(), 1U);
  change(uri, 4, "repaired");
  ASSERT_EQ(to_server.size(), 2U);
  EXPECT_EQ(to_server[1]["params"], (Json{{"textDocument", {{"uri", uri}, {"version", 4}}},
                                          {"contentChanges", Json::array({{{"text", "repaired"}}})}}));
  change(uri, 5, "as ever");
  EXPECT_EQ(to_server.size(), 3U);
}

TEST_F(Supervising, WhoTypesInATextThatCrashesDoesNotCrashEveryTime) {
  static_cast<void>(start());
  initialize();
  open(uri, "bad");
  static_cast<void>(crash());
  static_cast<void>(crash());
  take_over();
  seconds waited{0};
  int version = 2;
  for (const int pause : {2, 4, 8}) {
    for (waited = seconds(0); to_server.empty(); waited += seconds(1)) {
      change(uri, version, "bad " + std::to_string(version));
      ++version;
      now += seconds(1);
      supervisor.look_at_clock(now);
    }
    EXPECT_EQ(waited.count(), pause);
    EXPECT_EQ(*crash().documents.at("/w/a.py").text, "") << "no second try while it is fresh in memory";
    take_over();
  }
}

TEST_F(Supervising, ATextThatIsClosedIsNotLeftOutAnyMore) {
  static_cast<void>(start());
  initialize();
  open(uri, "bad");
  static_cast<void>(crash());
  static_cast<void>(crash());
  take_over();
  client_says(notification("textDocument/didClose", {{"textDocument", {{"uri", uri}}}}));
  open(uri, "good");
  EXPECT_EQ(to_server.size(), 2U);
}

TEST_F(Supervising, ThreeCrashesInAMinuteAreTooMany) {
  static_cast<void>(start());
  initialize();
  open(uri, "text");
  for (const char* const text : {"text", "text", ""}) {
    EXPECT_EQ(*crash().documents.at("/w/a.py").text, text);
    take_over();
    now += seconds(10);
  }
}

TEST_F(Supervising, AHandfulInADayAreNot) {
  static_cast<void>(start());
  initialize();
  open(uri, "text");
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(*crash().documents.at("/w/a.py").text, "text");
    take_over();
    now += seconds(40);
  }
}

class GivenUp : public Supervising {
 protected:
  void SetUp() override {
    static_cast<void>(start());
    initialize();
    publish(uri, 1);
    static_cast<void>(crash());
    static_cast<void>(sent());
    supervisor.server_ended("SIGSEGV", now);
  }
};

TEST_F(GivenUp, SaysSoAndTakesItsFindingsAway) {
  EXPECT_FALSE(supervisor.wants_server());
  ASSERT_EQ(to_client.size(), 2U);
  EXPECT_EQ(to_client[0]["params"], (Json{{"uri", uri}, {"diagnostics", Json::array()}}));
  EXPECT_THAT(shown(), ElementsAre(HasSubstr("has stopped")));
}

TEST_F(GivenUp, AnswersInTheServersPlace) {
  static_cast<void>(sent());
  const auto answer = [&](const std::string& text) {
    supervisor.take_from_client(text, now);
    const std::vector<Json> answers = sent();
    return answers.size() == 1 ? answers[0] : Json(answers);
  };
  EXPECT_EQ(answer(request(2, "textDocument/hover").dump())["error"]["code"], -32801);
  EXPECT_EQ(answer(request(3, "workspace/executeCommand").dump())["error"]["code"], -32603);
  EXPECT_EQ(answer(request(4, "textDocument/diagnostic").dump())["result"]["items"], Json::array());
  EXPECT_EQ(answer("no json")["error"]["code"], -32700);
  EXPECT_EQ(answer("[]")["error"]["code"], -32600);
  EXPECT_EQ(answer(response("lockwright/configuration", nullptr).dump()), Json::array());
  EXPECT_EQ(answer(request(5, "shutdown").dump())["result"], nullptr);
  EXPECT_EQ(answer(request(6, "textDocument/hover").dump())["error"]["code"], -32600);
  client_says({{"jsonrpc", "2.0"}, {"method", "exit"}});
  EXPECT_TRUE(supervisor.is_over());
  EXPECT_TRUE(supervisor.was_shut_down());
}

TEST_F(GivenUp, TriesAgainWhenSomethingHasChangedAndAPauseIsOver) {
  now += seconds(100);
  supervisor.look_at_clock(now);
  EXPECT_FALSE(supervisor.wants_server()) << "nothing has changed";
  open(uri, "new");
  ASSERT_TRUE(supervisor.wants_server());
  EXPECT_EQ(*start().documents.at("/w/a.py").text, "new");

  static_cast<void>(crash());  // without it
  supervisor.server_ended("SIGSEGV", now);
  EXPECT_FALSE(supervisor.wants_server());
  client_says(notification("workspace/didChangeWatchedFiles", {{"changes", Json::array()}}));
  EXPECT_FALSE(supervisor.wants_server()) << "too soon";
  now += seconds(8);
  supervisor.look_at_clock(now);
  EXPECT_TRUE(supervisor.wants_server());
}

TEST_F(Supervising, ACrashAtShutdownEndsInOrder) {
  static_cast<void>(start());
  initialize();
  client_says(request(9, "shutdown"));
  static_cast<void>(sent());
  supervisor.server_ended("SIGSEGV", now);
  ASSERT_EQ(to_client.size(), 1U);
  EXPECT_EQ(to_client[0], response(9, nullptr));
  EXPECT_FALSE(supervisor.wants_server());
  client_says({{"jsonrpc", "2.0"}, {"method", "exit"}});
  EXPECT_TRUE(supervisor.is_over() && supervisor.was_shut_down());
}

}  // namespace
}  // namespace lockwright::lsp
