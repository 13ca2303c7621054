// The worker's side: a checker for each folder, what it found last, and the answers that can be given from
// it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lsp/actions.h"
#include "analyzer/lsp/checker.h"
#include "analyzer/lsp/connection.h"
#include "analyzer/lsp/delivery.h"
#include "analyzer/lsp/world.h"

namespace lockwright::lsp {

/// Not thread-safe: lives on the worker's thread.
class Workbench {
 public:
  Workbench(Connection& connection, const Client& client, const Analyzer& analyzer)
      : connection_(connection), client_(client), analyzer_(analyzer), deliverer_(connection, client) {}

  /// Checks what the update concerns, and delivers.
  void update(const Update& update);
  /// Nothing has happened for a while.
  void rest();

  /// The answers to the requests of these names, about the last update. They throw RequestError.
  [[nodiscard]] Json document_diagnostics(const Json& parameters);
  [[nodiscard]] Json workspace_diagnostics(const Json& parameters);
  [[nodiscard]] Json hover(const Json& parameters);
  [[nodiscard]] Json code_actions(const Json& parameters, const Cancelled& cancelled);

 private:
  /// A folder of the workspace, or a file that is in none.
  struct Bench {
    std::string folder;
    std::string file;  ///< "" for a folder
    std::unique_ptr<Checker> checker;
    Checked checked;
    std::vector<OpenText> seen;  ///< the texts of the last check
    FileReports reports;
    std::set<std::string, std::less<>> with_fixes;  ///< displayed paths
    std::optional<ConfigurationProblem> problem;
    bool is_checked = false;
    bool is_dirty = true;
  };

  void set_up_benches(const Update& update);
  void configure(Bench& bench);
  void check(Bench& bench, std::vector<OpenText> open);
  void analyse(Bench& bench);
  void report(Bench& bench);
  void say_what_is_left_out(const Bench& bench);
  void deliver(const std::vector<std::string>& edited);
  void recover(Bench& bench, const char* what);

  /// The bench that a file lies on: that of the innermost folder. Null if there is none.
  [[nodiscard]] Bench* bench_of(std::string_view path);
  [[nodiscard]] std::string uri_of(const Bench& bench, std::string_view displayed_path) const;
  [[nodiscard]] std::optional<std::int64_t> version_of(const std::string& uri) const;

  struct Target;
  [[nodiscard]] Target target_of(const Json& parameters);
  Json fixed_altogether(Target& target, const WantedKinds& wanted, const Translation& by,
                        const Cancelled& cancelled);

  Connection& connection_;
  const Client& client_;
  const Analyzer& analyzer_;
  Deliverer deliverer_;
  World world_;
  std::vector<std::unique_ptr<Bench>> benches_;
  std::set<std::string> said_;  ///< warnings that are given once
  std::size_t progresses_ = 0;
};

}  // namespace lockwright::lsp
