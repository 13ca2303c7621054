// Diagnostics on their way to the client, and what it has been told already.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "analyzer/lsp/client.h"
#include "analyzer/lsp/connection.h"

namespace lockwright::lsp {

/// One file's diagnostics as they are now.
struct FileReport {
  std::string uri;
  Json version;  ///< of the open document; null if it is not open
  Json items = Json::array();
};

/// By absolute path.
using FileReports = std::map<std::string, FileReport, std::less<>>;

/// Pushes diagnostics to a client that waits for them, answers one that asks. Only what is new is sent.
class Deliverer {
 public:
  Deliverer(Connection& connection, const Client& client) : connection_(connection), client_(client) {}

  /// These are the diagnostics of all files now. `edited` are those whose text has changed since the last
  /// time: a client that pulls asks for them by itself.
  void deliver(FileReports now, const std::vector<std::string>& edited);

  /// Answers textDocument/diagnostic. `uri` is how the client calls the file.
  [[nodiscard]] Json document_report(std::string_view path, const std::string& uri, const Json& previous);
  /// Answers workspace/diagnostic; `previous` is the request's previousResultIds.
  [[nodiscard]] Json workspace_report(const Json& previous);

 private:
  [[nodiscard]] Json report_of(std::string_view path, const Json& previous);

  Connection& connection_;
  const Client& client_;
  FileReports now_;
  std::map<std::string, std::string, std::less<>> told_;  ///< by path: what the client has last been given
  std::size_t refreshes_ = 0;
};

}  // namespace lockwright::lsp
