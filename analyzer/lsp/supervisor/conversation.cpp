// Nothing here fails: what cannot be understood, the server will complain of, and it changes nothing there
// either. A text that is left out stays open, but empty: without it the server would read the file on disk,
// which may be what it cannot bear.
#include "analyzer/lsp/supervisor/conversation.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "analyzer/lsp/uri.h"

namespace lockwright::lsp {
namespace {

/// What may make a difference to the analysis.
constexpr std::array<std::string_view, 7> telling = {"textDocument/didOpen",
                                                     "textDocument/didChange",
                                                     "textDocument/didClose",
                                                     "textDocument/didSave",
                                                     "workspace/didChangeConfiguration",
                                                     "workspace/didChangeWatchedFiles",
                                                     "workspace/didChangeWorkspaceFolders"};

std::string document_of(const Json& parameters) {
  return path_of_uri(text_member(member(parameters, "textDocument"), "uri")).value_or("");
}

bool is_about_settings(const Json& id) {
  return id.is_string() && id.get_ref<const std::string&>().starts_with(settings_id);
}

}  // namespace

void Conversation::hear(const Message& message) {
  try {
    switch (message.kind) {
      case Message::Kind::request: return hear_request(message);
      case Message::Kind::notification: return hear_notification(message);
      case Message::Kind::response: return hear_response(message.body);
      case Message::Kind::broken: return;
    }
  } catch (const std::exception&) {
    return;
  }
}

bool Conversation::is_for_server(const Message& message) const {
  if (message.method != "textDocument/didChange" && message.method != "textDocument/didOpen") return true;
  const Json& uri = value_at(message.parameters(), {"textDocument", "uri"});
  const auto path = uri.is_string() ? path_of_uri(uri.get_ref<const std::string&>()) : std::nullopt;
  return !path || !left_out_.contains(*path);
}

void Conversation::hear_request(const Message& message) {
  if (message.method != "initialize" || !initialize_.is_null() || !message.parameters().is_object()) {
    pending_.push_back({message.id, message.method});
    return;
  }
  initialize_ = message.body;
  client_ = client_of(message.parameters());
}

void Conversation::hear_notification(const Message& message) {
  if (initialize_.is_null()) return;
  if (std::find(telling.begin(), telling.end(), message.method) != telling.end()) ++changes_;
  const Json& parameters = message.parameters();
  if (message.method == "initialized") initialized_ = true;
  if (message.method == "textDocument/didOpen") open(parameters);
  if (message.method == "textDocument/didChange") change(parameters);
  if (message.method == "textDocument/didClose") close(parameters);
  if (message.method == "workspace/didChangeWorkspaceFolders") change_folders(parameters);
  if (message.method == "workspace/didChangeConfiguration") change_settings(parameters);
}

void Conversation::open(const Json& parameters) {
  const Json& item = member(parameters, "textDocument");
  const std::string path = document_of(parameters);
  if (path.empty()) return;
  documents_[path] = {text_member(item, "uri"), number_member(item, "version"),
                      std::make_shared<const std::string>(text_member(item, "text"))};
  if (!left_out_.contains(path)) changed_last_ = path;
}

void Conversation::change(const Json& parameters) {
  const auto found = documents_.find(document_of(parameters));
  if (found == documents_.end()) return;
  Document& document = found->second;
  std::string text = changed(*document.text, member(parameters, "contentChanges"), client_.encoding);
  document.text = std::make_shared<const std::string>(std::move(text));
  const Json& version = value_at(parameters, {"textDocument", "version"});
  if (version.is_number_integer()) document.version = version.get<std::int64_t>();
  if (!left_out_.contains(found->first)) changed_last_ = found->first;
}

void Conversation::close(const Json& parameters) {
  const std::string path = document_of(parameters);
  documents_.erase(path);
  left_out_.erase(path);
  if (changed_last_ == path) changed_last_.reset();
}

/// The folders are kept where a new server looks for them: in the parameters of initialize.
void Conversation::change_folders(const Json& parameters) {
  const Json& event = member(parameters, "event");
  Json& start = initialize_["params"];
  Json& folders = start["workspaceFolders"];
  if (!folders.is_array()) {
    folders = Json::array();
    if (const Json& root = value_at(start, {"rootUri"}); root.is_string())
      folders.push_back({{"uri", root}, {"name", "root"}});
  }
  const auto path_of = [](const Json& folder) {
    const Json& uri = value_at(folder, {"uri"});
    return uri.is_string() ? path_of_uri(uri.get_ref<const std::string&>()) : std::nullopt;
  };
  const auto leave = [&](const Json& gone) {
    const auto path = path_of(gone);
    std::erase_if(folders.get_ref<Json::array_t&>(), [&](const Json& each) { return path_of(each) == path; });
  };
  for (const Json& each : value_at(event, {"removed"})) leave(each);
  for (const Json& each : value_at(event, {"added"})) {
    if (!path_of(each)) continue;
    leave(each);
    folders.push_back(each);
  }
}

void Conversation::change_settings(const Json& parameters) {
  if (client_.has_configuration) return;  // they come as an answer
  const Json& settings = value_at(parameters, {"settings"});
  const Json& own = value_at(settings, {"lockwright"});
  settings_ = own.is_object() ? own : settings;
}

void Conversation::hear_response(const Json& message) {
  const Json& result = value_at(message, {"result"});
  if (is_about_settings(value_at(message, {"id"})) && result.is_array() && !result.empty())
    settings_ = result.front();
}

bool Conversation::is_for_client(const Envelope& envelope) const {
  if (envelope.method.empty()) return envelope.id != taken_over_id;
  return envelope.method != "client/registerCapability" || !registered_;
}

void Conversation::say(const Envelope& envelope, std::string_view text) {
  if (envelope.method.empty()) return say_response(envelope);
  if (envelope.method == "client/registerCapability") registered_ = true;
  if (envelope.method == "textDocument/publishDiagnostics") {
    const std::optional<Published> published = published_in(text);
    if (!published) return;
    if (published->none) {
      diagnosed_.erase(published->uri);
    } else {
      diagnosed_[published->uri] = incarnation_;
    }
  }
  if (envelope.method == "$/progress") {
    const Json message = Json::parse(text, nullptr, false);
    const Json& token = value_at(message, {"params", "token"});
    const Json& kind = value_at(message, {"params", "value", "kind"});
    if (kind == "begin") progress_.push_back(token);
    if (kind == "end") std::erase(progress_, token);
  }
}

void Conversation::say_response(const Envelope& envelope) {
  if (envelope.id.is_null()) return;
  if (!answered_ && envelope.id == value_at(initialize_, {"id"})) {
    answered_ = !envelope.failed;
    if (envelope.failed) forget_initialize();
    return;
  }
  const auto asked = std::find_if(pending_.begin(), pending_.end(),
                                  [&](const Pending& each) { return each.id == envelope.id; });
  if (asked == pending_.end()) return;
  if (asked->method == "shutdown" && !envelope.failed) shut_down_ = true;
  pending_.erase(asked);
}

Handover Conversation::hand_over(unsigned incarnation) {
  incarnation_ = incarnation;
  Handover handover;
  handover.incarnation = incarnation;
  if (!answered_) return handover;
  handover.initialize = value_at(initialize_, {"params"});
  // Whether the client is still there is looked after where its streams are.
  handover.initialize["processId"] = nullptr;
  handover.initialized = initialized_;
  handover.settings = settings_;
  handover.documents = documents_;
  for (const auto& [path, text] : left_out_)
    handover.documents[path].text = std::make_shared<const std::string>();
  return handover;
}

const Json& Conversation::unanswered_initialize() const {
  static const Json none;
  return answered_ ? none : initialize_;
}

std::vector<Conversation::Pending> Conversation::take_pending() {
  return std::exchange(pending_, {});
}

std::vector<Json> Conversation::take_progress() {
  return std::exchange(progress_, {});
}

std::vector<std::string> Conversation::take_diagnosed(unsigned before_incarnation) {
  std::vector<std::string> uris;
  for (const auto& [uri, incarnation] : diagnosed_) {
    if (incarnation < before_incarnation) uris.push_back(uri);
  }
  for (const std::string& uri : uris) diagnosed_.erase(uri);
  return uris;
}

std::optional<std::string> Conversation::leave_out() {
  const std::optional<std::string> suspect = std::exchange(changed_last_, std::nullopt);
  if (!suspect) return std::nullopt;
  left_out_[*suspect] = documents_.at(*suspect).text;
  return suspect;
}

std::vector<Json> Conversation::put_back() {
  std::vector<Json> changes;
  for (auto each = left_out_.begin(); each != left_out_.end();) {
    const Document& document = documents_.at(each->first);
    if (document.text == each->second || *document.text == *each->second) {
      ++each;
      continue;
    }
    changes.push_back({{"jsonrpc", "2.0"},
                       {"method", "textDocument/didChange"},
                       {"params",
                        {{"textDocument", {{"uri", document.uri}, {"version", document.version}}},
                         {"contentChanges", Json::array({{{"text", *document.text}}})}}}});
    changed_last_ = each->first;
    each = left_out_.erase(each);
  }
  return changes;
}

}  // namespace lockwright::lsp
