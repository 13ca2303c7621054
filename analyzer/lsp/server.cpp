// Dispatch. A message that is no request, no notification and no response gets JSON-RPC's error for what is
// wrong with it, and the next one is taken as if nothing had been.
#include "analyzer/lsp/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/lsp/process.h"
#include "analyzer/lsp/uri.h"

namespace lockwright::lsp {
namespace {

constexpr std::array configuration_files = {"lockwright.toml", "pyproject.toml"};
/// What says which files there are, or what imports in them mean.
constexpr std::string_view watched_sources =
    "**/*.{py,ts,tsx,mts,cts,js,jsx,mjs,cjs,c,cc,cpp,cxx,h,hh,hpp,hxx}";
constexpr std::array watched_others = {"**/lockwright.toml", "**/pyproject.toml", "**/.gitignore",
                                       "**/.ignore",         "**/package.json",   "**/tsconfig*.json",
                                       "**/jsconfig.json"};
constexpr std::string_view settings_id = "lockwright/configuration";

bool is_id(const Json& id) {
  return id.is_string() || id.is_number_integer();
}

bool is_configuration(std::string_view path) {
  return std::any_of(configuration_files.begin(), configuration_files.end(),
                     [&](std::string_view name) { return path.substr(path.rfind('/') + 1) == name; });
}

std::vector<std::string> folders_in(const Json& list) {
  std::vector<std::string> folders;
  if (!list.is_array()) return folders;
  for (const Json& each : list) {
    if (auto path = path_of_uri(text_member(each, "uri"))) folders.push_back(std::move(*path));
  }
  return folders;
}

Json capabilities(const Client& client) {
  Json result = {
      {"positionEncoding", encoding_word(client.encoding)},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
      {"hoverProvider", true},
      {"codeActionProvider", {{"codeActionKinds", Json::array({quick_fix_kind, fix_all_kind})}}},
      {"executeCommandProvider", {{"commands", Json::array({explain_command})}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}}};
  if (client.delivery == Delivery::pull)
    result["diagnosticProvider"] = {
        {"identifier", "lockwright"}, {"interFileDependencies", true}, {"workspaceDiagnostics", true}};
  return result;
}

}  // namespace

Server::Server(const Analyzer& analyzer, std::string_view version, Connection::Write write)
    : analyzer_(analyzer), version_(version), connection_(std::move(write)) {}

Server::~Server() = default;

bool Server::stop(std::chrono::milliseconds patience) {
  return worker_ == nullptr || worker_->stop(patience);
}

void Server::take_broken(const std::string& why) {
  connection_.fail(nullptr, ErrorCode::parse_error, why);
}

void Server::take(std::string_view text) {
  const Json message = Json::parse(text, nullptr, false);
  if (message.is_discarded()) return take_broken("the message is no JSON");
  const Json& id = value_at(message, {"id"});
  const Json& method = value_at(message, {"method"});
  const Json& parameters = value_at(message, {"params"});
  const Json answer_to = is_id(id) ? id : Json();
  const bool is_response = message.contains("result") || message.contains("error");
  if (is_response && !method.is_string()) return take_response(message);
  if (value_at(message, {"jsonrpc"}) != "2.0" || !method.is_string() || !(id.is_null() || is_id(id))) {
    return connection_.fail(answer_to, ErrorCode::invalid_request, "the message is no JSON-RPC 2.0 request");
  }
  try {
    if (!parameters.is_null() && !parameters.is_structured())
      throw RequestError(ErrorCode::invalid_request, "'params' is neither object nor array");
    if (message.contains("id")) {
      take_request(answer_to, method.get<std::string>(), parameters);
    } else {
      take_notification(method.get<std::string>(), parameters);
    }
  } catch (const RequestError& error) {
    if (message.contains("id")) {
      connection_.fail(answer_to, error.code, error.what());
    } else {
      connection_.log(fmt::format("{} was not understood: {}", method.get<std::string>(), error.what()));
    }
  }
}

void Server::take_request(const Json& id, const std::string& method, const Json& parameters) {
  if (method == "initialize") {
    if (state_ != State::uninitialized) throw RequestError(ErrorCode::invalid_request, "initialized already");
    return connection_.respond(id, initialize(parameters));
  }
  if (state_ == State::uninitialized)
    throw RequestError(ErrorCode::server_not_initialized, "'initialize' comes first");
  if (state_ == State::shut_down) throw RequestError(ErrorCode::invalid_request, "the server was shut down");
  if (method == "shutdown") {
    state_ = State::shut_down;
    return connection_.respond(id, nullptr);
  }
  if (method == "workspace/executeCommand") return connection_.respond(id, execute(parameters));
  const auto ask = [&](Json (Workbench::*answer)(const Json&)) {
    worker_->ask(id, [answer, parameters](Workbench& workbench, const Cancelled&) {
      return (workbench.*answer)(parameters);
    });
  };
  if (method == "textDocument/diagnostic") return ask(&Workbench::document_diagnostics);
  if (method == "workspace/diagnostic") return ask(&Workbench::workspace_diagnostics);
  if (method == "textDocument/hover") return ask(&Workbench::hover);
  if (method == "textDocument/codeAction") {
    return worker_->ask(id, [parameters](Workbench& workbench, const Cancelled& cancelled) {
      return workbench.code_actions(parameters, cancelled);
    });
  }
  throw RequestError(ErrorCode::method_not_found, fmt::format("there is no method '{}'", method));
}

void Server::take_notification(const std::string& method, const Json& parameters) {
  if (method == "exit") {
    over_ = true;
    return;
  }
  if (state_ != State::initialized) return;
  if (method == "initialized") return initialized();
  if (method == "textDocument/didOpen") return open(parameters);
  if (method == "textDocument/didChange") return change(parameters);
  if (method == "textDocument/didClose") return close(parameters);
  if (method == "textDocument/didSave") return save(parameters);
  if (method == "workspace/didChangeWorkspaceFolders") return change_folders(parameters);
  if (method == "workspace/didChangeWatchedFiles") return change_watched(parameters);
  if (method == "workspace/didChangeConfiguration") return change_settings(parameters);
  if (method == "$/cancelRequest") {
    const Json& id = member(parameters, "id");
    if (is_id(id)) worker_->cancel(id);
  }
}

void Server::take_response(const Json& message) {
  if (value_at(message, {"id"}) != settings_id) return;
  const Json& result = value_at(message, {"result"});
  if (result.is_array() && !result.empty()) set_settings(result.front());
}

Json Server::initialize(const Json& parameters) {
  if (!parameters.is_object()) throw RequestError(ErrorCode::invalid_params, "'params' is missing");
  const Json& folders = value_at(parameters, {"workspaceFolders"});
  world_.folders = folders_in(folders);
  const Json& root = value_at(parameters, {"rootUri"});
  if (!folders.is_array() && root.is_string()) {
    if (auto path = path_of_uri(root.get<std::string>())) world_.folders.push_back(std::move(*path));
  }
  client_ = client_of(parameters);
  const Json& process = value_at(parameters, {"processId"});
  // Asked before the answer goes out: after it the client may end at once.
  if (process.is_number_integer() && process.get<int>() > 0 && is_alive(process.get<int>()))
    client_process_ = process.get<int>();
  const Json& options = value_at(parameters, {"initializationOptions"});
  if (options.is_object()) set_settings(options);
  worker_ = std::make_unique<Worker>(connection_, client_, analyzer_);
  state_ = State::initialized;
  return {{"capabilities", capabilities(client_)},
          {"serverInfo", {{"name", "lockwright"}, {"version", version_}}}};
}

void Server::initialized() {
  register_watchers();
  if (client_.has_configuration) {
    // The answer, if it says anything new, makes a second update.
    connection_.request(settings_id, "workspace/configuration",
                        {{"items", Json::array({{{"section", "lockwright"}}})}});
  }
  tell_worker({});
}

void Server::register_watchers() {
  Json registrations = Json::array();
  if (client_.watches_files) {
    Json watchers = Json::array({{{"globPattern", watched_sources}}});
    for (const char* const pattern : watched_others) watchers.push_back({{"globPattern", pattern}});
    registrations.push_back({{"id", "lockwright/files"},
                             {"method", "workspace/didChangeWatchedFiles"},
                             {"registerOptions", {{"watchers", std::move(watchers)}}}});
  }
  if (client_.tells_of_configuration) {
    registrations.push_back({{"id", "lockwright/settings"},
                             {"method", "workspace/didChangeConfiguration"},
                             {"registerOptions", {{"section", "lockwright"}}}});
  }
  if (!registrations.empty())
    connection_.request("lockwright/register", "client/registerCapability",
                        {{"registrations", std::move(registrations)}});
}

void Server::open(const Json& parameters) {
  const Json& item = member(parameters, "textDocument");
  const std::string& uri = text_member(item, "uri");
  const auto path = path_of_uri(uri);
  if (!path) return;
  world_.documents[*path] = {uri, number_member(item, "version"),
                             std::make_shared<const std::string>(text_member(item, "text"))};
  tell_worker({});
}

void Server::change(const Json& parameters) {
  const Json& item = member(parameters, "textDocument");
  const auto path = path_of_uri(text_member(item, "uri"));
  const auto found = path ? world_.documents.find(*path) : world_.documents.end();
  if (found == world_.documents.end())
    throw RequestError(ErrorCode::invalid_params, "the document is not open");
  Document& document = found->second;
  std::string text = changed(*document.text, member(parameters, "contentChanges"), client_.encoding);
  document.text = std::make_shared<const std::string>(std::move(text));
  const Json& version = value_at(item, {"version"});
  if (version.is_number_integer()) document.version = version.get<std::int64_t>();
  tell_worker({});
}

void Server::close(const Json& parameters) {
  const auto path = path_of_uri(text_member(member(parameters, "textDocument"), "uri"));
  if (path && world_.documents.erase(*path) > 0) tell_worker({});
}

void Server::save(const Json& parameters) {
  const auto path = path_of_uri(text_member(member(parameters, "textDocument"), "uri"));
  if (!path) return;
  Update update;
  update.reconfigure = is_configuration(*path);
  update.on_disk.push_back(*path);
  // Who cannot watch files hears of what else has changed only when somebody saves.
  update.disk_changed = !client_.watches_files;
  tell_worker(std::move(update));
}

void Server::change_folders(const Json& parameters) {
  const Json& event = member(parameters, "event");
  for (const std::string& folder : folders_in(value_at(event, {"removed"})))
    std::erase(world_.folders, folder);
  for (std::string& folder : folders_in(value_at(event, {"added"}))) {
    if (std::find(world_.folders.begin(), world_.folders.end(), folder) == world_.folders.end())
      world_.folders.push_back(std::move(folder));
  }
  tell_worker({});
}

void Server::change_watched(const Json& parameters) {
  const Json& changes = member(parameters, "changes");
  if (!changes.is_array()) throw RequestError(ErrorCode::invalid_params, "'changes' is no array");
  Update update;
  for (const Json& each : changes) {
    const auto path = path_of_uri(text_member(each, "uri"));
    if (!path) continue;
    update.reconfigure |= is_configuration(*path);
    update.on_disk.push_back(*path);
  }
  if (!update.on_disk.empty()) tell_worker(std::move(update));
}

void Server::change_settings(const Json& parameters) {
  if (client_.has_configuration) {
    connection_.request(settings_id, "workspace/configuration",
                        {{"items", Json::array({{{"section", "lockwright"}}})}});
    return;
  }
  const Json& settings = value_at(parameters, {"settings"});
  const Json& own = value_at(settings, {"lockwright"});
  set_settings(own.is_object() ? own : settings);
}

/// Settings from the editor: "configuration", "select", "ignore", "exclude". What is not there is not set.
void Server::set_settings(const Json& settings) {
  if (!settings.is_object()) return;
  ClientSettings now;
  const Json& file = value_at(settings, {"configuration"});
  if (file.is_string() && !file.get_ref<const std::string&>().empty())
    now.configuration = file.get<std::string>();
  const Json& select = value_at(settings, {"select"});
  if (select.is_array() && !select.empty()) now.select = texts_in(select);
  now.ignore = texts_in(value_at(settings, {"ignore"}));
  now.exclude = texts_in(value_at(settings, {"exclude"}));
  if (now == world_.settings) return;
  world_.settings = std::move(now);
  Update update;
  update.reconfigure = true;
  if (worker_ != nullptr) tell_worker(std::move(update));
}

Json Server::execute(const Json& parameters) {
  const std::string& command = text_member(parameters, "command");
  if (command != explain_command)
    throw RequestError(ErrorCode::invalid_params, fmt::format("there is no command '{}'", command));
  const Json& arguments = member(parameters, "arguments");
  if (!arguments.is_array() || arguments.empty() || !arguments.front().is_string())
    throw RequestError(ErrorCode::invalid_params, "the argument is to be a rule's id or name");
  const auto& name = arguments.front().get_ref<const std::string&>();
  const findings::RuleInfo* const rule = findings::find_rule(analyzer_.rules, name);
  if (rule == nullptr)
    throw RequestError(ErrorCode::invalid_params, fmt::format("there is no rule '{}'", name));
  return std::string(rule->page);
}

void Server::tell_worker(Update update) {
  update.world = world_;
  worker_->update(std::move(update));
}

}  // namespace lockwright::lsp
