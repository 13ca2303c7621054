// A message is relayed first and understood then, while the server works on it already: only while a text is
// left out must be known what a message is about before it goes on.
//
// After a crash a new server takes over at once. If that is no use, the text that was changed last is left
// out; if that is none either, there is no server until something has changed and a pause is over. Whichever
// it is, the client gets an answer to everything that it asks.
#include "analyzer/lsp/supervisor/supervisor.h"

#include <fmt/format.h>

#include "analyzer/lsp/framing.h"
#include "analyzer/lsp/process.h"

namespace lockwright::lsp {
namespace {

constexpr const char* crashed = "Lockwright's analysis has crashed";

}  // namespace

Handover Supervisor::start_server() {
  Handover handover = conversation_.hand_over(started_++);
  state_ = State::running;
  taken_over_ =
      started_ == 1 || (handover.initialize.is_null() && conversation_.unanswered_initialize().is_null());
  return handover;
}

void Supervisor::server_started() {
  if (const Json& initialize = conversation_.unanswered_initialize(); !initialize.is_null())
    streams_.to_server(framed(dumped(initialize)));
}

void Supervisor::server_not_started(const std::string& why, Clock::time_point now) {
  give_up(why, now);
}

void Supervisor::take_broken(const std::string& why) {
  client_.fail(nullptr, ErrorCode::parse_error, why);
}

void Supervisor::take_from_client(std::string_view text, Clock::time_point now) {
  if (state_ == State::running && !conversation_.leaves_out()) {
    streams_.to_server(framed(text));
    hear(read_message(text));
  } else if (state_ == State::running) {
    const Message message = read_message(text);
    if (conversation_.is_for_server(message)) streams_.to_server(framed(text));
    hear(message);
  } else {
    answer_alone(read_message(text));
  }
  look_at_clock(now);
}

void Supervisor::hear(const Message& message) {
  if (message.method == "exit" && message.kind == Message::Kind::notification) over_ = true;
  if (message.method == "initialize" && client_process_ == 0) {
    const Json& process = value_at(message.parameters(), {"processId"});
    // Asked before the answer goes out: after it the client may end at once.
    if (process.is_number_integer() && process.get<int>() > 0 && is_alive(process.get<int>()))
      client_process_ = process.get<int>();
  }
  conversation_.hear(message);
}

/// There is no server.
void Supervisor::answer_alone(const Message& message) {
  if (message.kind == Message::Kind::broken) return client_.fail(message.id, message.error, message.why);
  if (message.kind != Message::Kind::request) return hear(message);
  if (conversation_.is_shut_down())
    return client_.fail(message.id, ErrorCode::invalid_request, "the server was shut down");
  fail({message.id, message.method}, false);
}

/// Answers a request that the server cannot answer any more. Clients are used to questions about a text that
/// come to nothing, and do not bother anybody with them; `again`: to ask once more may be worth it.
void Supervisor::fail(const Conversation::Pending& request, bool again) {
  const std::string& method = request.method;
  if (method == "shutdown" && conversation_.is_initialized()) {
    conversation_.shut_down();
    return client_.respond(request.id, nullptr);
  }
  if (!again && method == "textDocument/diagnostic")
    return client_.respond(request.id, {{"kind", "full"}, {"items", Json::array()}});
  if (!again && method == "workspace/diagnostic")
    return client_.respond(request.id, {{"items", Json::array()}});
  if (method == "textDocument/diagnostic" || method == "workspace/diagnostic")
    return client_.fail(request.id, ErrorCode::server_cancelled, crashed, {{"retriggerRequest", true}});
  const bool of_text = method.starts_with("textDocument/");
  client_.fail(request.id, of_text ? ErrorCode::content_modified : ErrorCode::internal_error,
               again ? fmt::format("{} and starts again", crashed) : std::string(crashed));
}

void Supervisor::take_from_server(std::string_view text) {
  const Envelope envelope = envelope_of(text);
  if (conversation_.is_for_client(envelope)) streams_.to_client(framed(text));
  const bool was_initialized = conversation_.is_initialized();
  conversation_.say(envelope, text);
  if (!was_initialized && conversation_.is_initialized()) taken_over_ = true;
  if (!envelope.method.empty() || envelope.id != taken_over_id) return;
  taken_over_ = true;
  clear_diagnostics(started_ - 1);
}

/// The client keeps no diagnostics that no server stands for any more.
void Supervisor::clear_diagnostics(unsigned before_incarnation) {
  for (const std::string& uri : conversation_.take_diagnosed(before_incarnation))
    client_.notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", Json::array()}});
  if (conversation_.client().delivery == Delivery::pull && conversation_.client().diagnostic_refresh)
    client_.request(fmt::format("lockwright/supervisor/refresh/{}", ++refreshes_),
                    "workspace/diagnostic/refresh", nullptr);
}

void Supervisor::server_ended(const std::string& how, Clock::time_point now) {
  const bool repeated = restarts_.is_repeated(now, !taken_over_);
  clear_away();
  if (conversation_.is_shut_down()) {
    state_ = State::given_up;
    try_again_ = Clock::time_point::max();
    return;
  }
  const auto suspect = repeated ? conversation_.leave_out() : std::nullopt;
  if (repeated && !suspect) return give_up(how, now);
  state_ = State::wanting;
  streams_.log(fmt::format("the analysis ended: {}; it starts again", how));
  if (suspect) {
    try_again_ = now + restarts_.pause();
    const std::string text = fmt::format(
        "Lockwright's analysis crashes again and again ({}). {} was changed last: it is left out until its "
        "text changes.",
        how, *suspect);
    streams_.log(fmt::format("{} is left out until its text changes", *suspect));
    if (named_.insert(*suspect).second) return client_.show_error(text);
    return client_.log(text);
  }
  const std::string text = fmt::format(
      "{} ({}) and was started again. Nothing that you have typed is lost. Please report it.", crashed, how);
  if (!told_) client_.show_error(text);
  client_.log(text);
  told_ = true;
}

/// Ends what the server had begun.
void Supervisor::clear_away() {
  for (const Conversation::Pending& request : conversation_.take_pending()) fail(request, true);
  for (const Json& token : conversation_.take_progress())
    client_.notify("$/progress", {{"token", token}, {"value", {{"kind", "end"}}}});
}

void Supervisor::give_up(const std::string& how, Clock::time_point now) {
  state_ = State::given_up;
  try_again_ = now + restarts_.pause();
  changes_then_ = conversation_.changes();
  if (const Json& initialize = conversation_.unanswered_initialize(); !initialize.is_null()) {
    client_.fail(value_at(initialize, {"id"}), ErrorCode::internal_error, crashed);
    conversation_.forget_initialize();
  }
  clear_diagnostics(started_);
  const std::string text = fmt::format(
      "Lockwright's analysis crashes again and again ({}), and has stopped: there are no findings. It is "
      "tried again when a file or a setting changes. Please report it.",
      how);
  streams_.log(fmt::format("the analysis ended: {}; it waits for a change", how));
  client_.show_error(text);
}

void Supervisor::look_at_clock(Clock::time_point now) {
  if (now < try_again_) return;
  if (state_ == State::given_up && conversation_.changes() != changes_then_) {
    state_ = State::wanting;
    static_cast<void>(conversation_.put_back());  // the new server takes it over
    client_.log("Lockwright's analysis is tried again");
  }
  if (state_ != State::running || !conversation_.leaves_out()) return;
  for (const Json& change : conversation_.put_back()) streams_.to_server(framed(dumped(change)));
}

}  // namespace lockwright::lsp
