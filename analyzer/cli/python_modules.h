// The Python modules of a run: files and the frontend, as the engine asks for them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyzer/frontends/python/module_index.h"
#include "analyzer/paths/demand.h"
#include "analyzer/source/scan.h"

namespace lockwright::cli {

class PythonModules final : public paths::ModuleSource {
 public:
  /// `scan` has selected the files with lock triggers; it must outlive this. Uses up to `jobs` threads.
  PythonModules(source::Scan& scan, unsigned jobs);

  std::vector<Match> find(const std::vector<std::string>& literals,
                          const std::vector<std::string>& companions) override;
  std::vector<ir::Module> parse(const std::vector<std::string>& modules) override;
  [[nodiscard]] std::optional<std::string> module_of(std::string_view qualified_name) const override;

  /// The module in one file, parsed. REQUIRES: `file` is a Python file of the scan and is loaded.
  ir::Module parse_file(source::FileId file);

  [[nodiscard]] std::size_t parsed_count() const { return parsed_.size(); }
  /// The time spent in the frontend, all threads' wall time.
  [[nodiscard]] std::chrono::nanoseconds parse_time() const { return parse_time_; }

 private:
  source::Scan& scan_;
  unsigned jobs_;
  std::vector<source::FileId> files_;                       ///< Python files, as the index numbers them
  std::vector<std::optional<std::size_t>> number_of_file_;  ///< by FileId
  frontends::python::ModuleIndex index_;
  std::unordered_set<std::size_t> parsed_;  ///< numbers
  std::chrono::nanoseconds parse_time_{};
};

}  // namespace lockwright::cli
